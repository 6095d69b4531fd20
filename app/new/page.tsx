import type { Metadata } from 'next';
import { shownNotice } from '@/app/notices';
import type { SearchParams } from '@/app/request';
import { PublicPage, readVisitor } from '@/app/site-headers';
import { CreateWorkspaceForm } from '@/components/first-run/create-workspace-form';
import { InvitationList } from '@/components/first-run/invitation-list';
import { PageHeader } from '@/components/shell/page-header';
import { ButtonLink } from '@/components/ui/button-link';
import { Card } from '@/components/ui/card';
import { NoticeBanner } from '@/components/ui/notice';
import { requireUser } from '@/lib/auth/current-user';
import { getConfig } from '@/lib/config';
import type { Notice } from '@/lib/contract/notice';
import { acceptWaitingInvitation, createFirstWorkspace } from './actions';
import { NEW_NOTICES } from './notices';

export const metadata: Metadata = { title: 'New workspace' };

export default async function NewWorkspacePage({ searchParams }: { searchParams: SearchParams }) {
  await requireUser();
  const visitor = await readVisitor(searchParams);
  const { workspaces, invitations } = visitor;
  const notice = shownNotice<Notice & { signsOut?: true }>(NEW_NOTICES, await searchParams);
  const { publicUrl } = getConfig();
  return (
    <PublicPage visitor={visitor} className="grid max-w-md grid-cols-1 gap-8 py-10 sm:py-16">
      <PageHeader
        title={workspaces.length === 0 ? 'Welcome to PulseStream' : 'New workspace'}
        description="A workspace holds your GitHub connections, your API keys and the audit log, and the people who may see them."
      />
      {notice ? (
        <NoticeBanner
          notice={notice}
          dismissHref="/new"
          actions={
            notice.signsOut ? (
              <ButtonLink size="sm" href="/sign-out">
                Sign out
              </ButtonLink>
            ) : null
          }
        />
      ) : null}
      {invitations.length > 0 ? (
        <InvitationList accept={acceptWaitingInvitation} invitations={invitations} />
      ) : null}
      <section aria-labelledby="create">
        <h2 id="create" className="mb-2 font-medium text-sm">
          Create a workspace
        </h2>
        <Card className="p-5 sm:p-6">
          <CreateWorkspaceForm
            action={createFirstWorkspace}
            initial={{ values: { name: '', slug: '' }, errors: {}, problem: null }}
            addressPrefix={`${new URL(publicUrl).host}/w/`}
          />
        </Card>
      </section>
    </PublicPage>
  );
}
