import { KeyRound } from 'lucide-react';
import type { ReactNode } from 'react';
import { Alert } from '../ui/alert';
import { Badge } from '../ui/badge';
import { GitHubMark, GoogleMark } from '../ui/brand-marks';
import { Card } from '../ui/card';
import { controlProps, Field, Input } from '../ui/field';
import { SubmitButton } from '../ui/submit-button';

/** An external identity provider that next-auth supports. */
export type SignInProvider = { id: 'github' | 'google' | 'oidc'; name: string };

type SignInCardProps = {
  providers: SignInProvider[];
  devLogin: boolean;
  csrfToken: string;
  callbackUrl: string;
  /** Why the last attempt to sign in failed; `null` if it didn't. */
  error: string | null;
};

const MARKS: Record<SignInProvider['id'], ReactNode> = {
  github: <GitHubMark />,
  google: <GoogleMark />,
  oidc: <KeyRound aria-hidden />,
};

/** Offers the configured providers as plain forms that post to next-auth, so they need no JavaScript. */
export function SignInCard({ providers, devLogin, csrfToken, callbackUrl, error }: SignInCardProps) {
  const hidden = (
    <>
      <input type="hidden" name="csrfToken" value={csrfToken} />
      <input type="hidden" name="callbackUrl" value={callbackUrl} />
    </>
  );
  return (
    <Card className="p-6 sm:p-8">
      <h1 className="text-center font-semibold text-xl tracking-tight">Sign in</h1>
      <p className="mt-1 mb-6 text-center text-muted text-sm">
        See which repositories you share, and every token issued for them.
      </p>
      {error ? (
        <Alert live tone="danger" title="You are not signed in" className="mb-5">
          {error}
        </Alert>
      ) : null}
      <div className="grid gap-2.5">
        {providers.map(({ id, name }) => (
          <form key={id} method="post" action={`/api/auth/signin/${id}`}>
            {hidden}
            <SubmitButton size="lg" className="w-full">
              {MARKS[id]}
              Continue with {name}
            </SubmitButton>
          </form>
        ))}
      </div>
      {devLogin ? (
        <form
          method="post"
          action="/api/auth/callback/dev-login"
          className={providers.length > 0 ? 'mt-6 grid gap-4 border-t pt-6' : 'grid gap-4'}
        >
          {hidden}
          <div className="flex flex-wrap items-center justify-between gap-2">
            <h2 className="font-medium text-sm">Dev login</h2>
            <Badge tone="warning">Not for production</Badge>
          </div>
          <Field
            id="email"
            label="Email"
            hint="Any address, no password. This sign-in exists only in dev and demo."
          >
            <Input
              {...controlProps('email', { hint: true })}
              name="email"
              type="email"
              required
              autoComplete="email"
              placeholder="olivia@acme.test"
            />
          </Field>
          <SubmitButton variant="primary" className="w-full">
            Sign in
          </SubmitButton>
        </form>
      ) : null}
    </Card>
  );
}
