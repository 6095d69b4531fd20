import type { Metadata } from 'next';
import { redirect } from 'next/navigation';
import type { ReactNode } from 'react';
import { shownNotice } from '@/app/notices';
import { applyZone, firstValue, type SearchParams } from '@/app/request';
import { CenteredPage } from '@/components/shell/centered-page';
import { ButtonLink } from '@/components/ui/button-link';
import { Card } from '@/components/ui/card';
import { Form } from '@/components/ui/form';
import { NoticeBanner } from '@/components/ui/notice';
import { SubmitButton } from '@/components/ui/submit-button';
import { Expiry } from '@/components/ui/time';
import { UntrustedText } from '@/components/ui/untrusted-text';
import { currentUser, currentVerifiedEmail, signInHref } from '@/lib/auth/current-user';
import { findLinkedInvitation, type LinkedInvitation } from '@/lib/workspace/invitation-links';
import { join } from './actions';
import { INVITATION_NOTICES } from './notices';

export const metadata: Metadata = { title: 'Invitation', referrer: 'no-referrer' };

/**
 * Lets an invited person join by the link that they got. Anyone might hold the link, so the page reveals nothing until
 * a sign-in has verified the invited address.
 */
export default async function InvitationPage({ searchParams }: { searchParams: SearchParams }) {
  const query = await searchParams;
  const token = firstValue(query.token) ?? '';
  const user = await currentUser();
  await applyZone();
  const notice = shownNotice(INVITATION_NOTICES, query);
  const linked = user && (await findLinkedInvitation(token, user.id, await currentVerifiedEmail()));
  if (linked?.status === 'joined') redirect(`/w/${linked.slug}/settings/github`);
  return (
    <CenteredPage>
      {notice ? (
        <div className="mb-4">
          <NoticeBanner notice={notice} />
        </div>
      ) : null}
      <Card className="p-6 sm:p-8">
        {user === null || linked === null ? (
          <Message title="You’re invited to a workspace" actions={<SignIn href={await signInHref()} />}>
            Sign in with the email address the invitation was sent to. It opens for no other.
          </Message>
        ) : (
          <Invitation linked={linked} email={user.label} token={token} />
        )}
      </Card>
    </CenteredPage>
  );
}

type InvitationProps = {
  linked: Exclude<LinkedInvitation, { status: 'joined' }>;
  email: string;
  token: string;
};

function Invitation({ linked, email, token }: InvitationProps) {
  switch (linked.status) {
    case 'open': {
      const { workspace, role, invitedBy, expiresAt } = linked;
      return (
        <Message
          title={
            <>
              Join <UntrustedText>{workspace.name}</UntrustedText>
            </>
          }
          actions={
            <Form action={join}>
              <input type="hidden" name="token" value={token} />
              <SubmitButton variant="primary">Join workspace</SubmitButton>
            </Form>
          }
        >
          {invitedBy === null ? 'You were invited' : <Name>{invitedBy}</Name>}
          {invitedBy === null ? null : ' invited you'} as {role}. You’re signed in as <Name>{email}</Name>.
          The invitation expires <Expiry value={expiresAt.toISOString()} />.
        </Message>
      );
    }
    case 'other_address':
      return (
        <Message
          title="This invitation is for another address"
          actions={
            <ButtonLink variant="primary" href="/sign-out">
              Sign out
            </ButtonLink>
          }
        >
          You’re signed in as <Name>{email}</Name>. Sign out, sign in with the address the invitation was sent
          to, then open the link again.
        </Message>
      );
    case 'ended':
      return (
        <Message
          title="This link has ended"
          actions={<ButtonLink href="/">Go to your workspaces</ButtonLink>}
        >
          It has expired, was replaced or revoked, or was used. Ask the person who sent it for a new one.
        </Message>
      );
    default:
      return linked satisfies never;
  }
}

function SignIn({ href }: { href: string }) {
  return (
    <ButtonLink variant="primary" href={href}>
      Sign in
    </ButtonLink>
  );
}

function Message({
  title,
  children,
  actions,
}: {
  title: ReactNode;
  children: ReactNode;
  actions: ReactNode;
}) {
  return (
    <>
      <h1 className="wrap-anywhere font-semibold text-xl tracking-tight">{title}</h1>
      <p className="wrap-anywhere mt-2 mb-6 text-muted text-sm leading-relaxed">{children}</p>
      {actions}
    </>
  );
}

function Name({ children }: { children: string }) {
  return <UntrustedText className="font-medium text-foreground">{children}</UntrustedText>;
}
