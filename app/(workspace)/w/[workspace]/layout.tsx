import type { Metadata } from 'next';
import type { ReactNode } from 'react';
import NotFound from '@/app/not-found';
import { answerNotFound } from '@/app/request';
import { AccountHeader } from '@/app/site-headers';
import { WaitingInvitations } from '@/components/first-run/waiting-invitations';
import { currentUser, currentVerifiedEmail } from '@/lib/auth/current-user';
import { listUserWorkspaces } from '@/lib/workspace/members';
import { findMembership } from './member-of';

type WorkspaceLayoutProps = { children: ReactNode; params: Promise<{ workspace: string }> };

/** Without membership, every page has the title of the message that replaces it. */
export async function generateMetadata({ params }: WorkspaceLayoutProps): Promise<Metadata> {
  const user = await currentUser();
  const { workspace: slug } = await params;
  if (user === null || (await findMembership(slug, user.id)) !== null) return {};
  return { title: { default: 'Not found', template: 'Not found · PulseStream' } };
}

export default async function WorkspaceLayout({ children, params }: WorkspaceLayoutProps) {
  const { workspace: slug } = await params;
  const user = await currentUser();
  // Signed-out visitors get no header, because the page itself redirects them to sign-in.
  if (user === null) return children;
  const workspace = await findMembership(slug, user.id);
  if (workspace === null) {
    // Not `notFound()`, so that the document contains the message. The page itself calls it, but isn't rendered.
    await answerNotFound();
    return <NotFound />;
  }
  const { workspaces, invitations } = await listUserWorkspaces(user.id, await currentVerifiedEmail());
  return (
    <>
      <AccountHeader user={user} workspace={workspace} workspaces={workspaces} />
      <WaitingInvitations invitations={invitations} reviewHref={`/new?workspace=${workspace.slug}`} />
      <main id="content" tabIndex={-1} className="mx-auto max-w-6xl px-4 pt-8 pb-20 outline-none sm:pt-10">
        {children}
      </main>
    </>
  );
}
