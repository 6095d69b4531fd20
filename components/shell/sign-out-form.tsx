import type { ReactNode } from 'react';

/** Signs out by posting a plain form to next-auth. */
export function SignOutForm({ csrfToken, children }: { csrfToken: string; children: ReactNode }) {
  return (
    <form method="post" action="/api/auth/signout">
      <input type="hidden" name="csrfToken" value={csrfToken} />
      <input type="hidden" name="callbackUrl" value="/sign-in" />
      {children}
    </form>
  );
}
