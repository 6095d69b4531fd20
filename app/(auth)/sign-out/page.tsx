import type { Metadata } from 'next';
import { redirect } from 'next/navigation';
import { CenteredPage } from '@/components/shell/centered-page';
import { SignOutForm } from '@/components/shell/sign-out-form';
import { ButtonLink } from '@/components/ui/button-link';
import { Card } from '@/components/ui/card';
import { SubmitButton } from '@/components/ui/submit-button';
import { UntrustedText } from '@/components/ui/untrusted-text';
import { currentUser } from '@/lib/auth/current-user';
import { requireCsrfToken } from '../csrf';

export const metadata: Metadata = { title: 'Sign out' };

export default async function SignOutPage() {
  const user = await currentUser();
  if (user === null) redirect('/sign-in');
  // Pass `false`, because a signed-in user's browser must have accepted cookies. If the CSRF cookie is missing, the
  // user is redirected to /sign-in to get one, then back here.
  const csrfToken = await requireCsrfToken('/sign-out', false);
  return (
    <CenteredPage>
      <Card className="p-6 text-center sm:p-8">
        <h1 className="font-semibold text-xl tracking-tight">Sign out?</h1>
        <p className="mt-1 mb-6 text-muted text-sm">
          You are signed in as <UntrustedText className="text-foreground">{user.label}</UntrustedText>.
        </p>
        <div className="flex flex-wrap justify-center gap-2">
          <SignOutForm csrfToken={csrfToken ?? ''}>
            <SubmitButton variant="primary">Sign out</SubmitButton>
          </SignOutForm>
          <ButtonLink href="/">Stay signed in</ButtonLink>
        </div>
      </Card>
    </CenteredPage>
  );
}
