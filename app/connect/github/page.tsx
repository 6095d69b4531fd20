import type { Metadata } from 'next';
import { shownNotice } from '@/app/notices';
import { firstValue, type SearchParams } from '@/app/request';
import { PublicPage, readVisitor } from '@/app/site-headers';
import { WorkspaceChoice } from '@/components/github/connect-choices';
import { PageHeader } from '@/components/shell/page-header';
import { Alert } from '@/components/ui/alert';
import { ButtonLink } from '@/components/ui/button-link';
import { NoticeBanner } from '@/components/ui/notice';
import { requireUser } from '@/lib/auth/current-user';
import { REFUSED_WITHOUT_WORKSPACE } from '@/lib/connect/outcomes';
import { SetupQuery } from '@/lib/contract/connect';
import { hasRole } from '@/lib/contract/members';
import { hrefWith } from '@/lib/http/href-with';

export const metadata: Metadata = { title: 'Connect GitHub' };

/**
 * The page where users arrive after installing the App from GitHub's side. GitHub's redirect names no workspace, so
 * this page asks which one to connect.
 */
export default async function ConnectGitHubPage({ searchParams }: { searchParams: SearchParams }) {
  const query = await searchParams;
  const installationId = SetupQuery.parse({
    installation_id: firstValue(query.installation_id),
  }).installation_id;
  const own = { installation_id: installationId === undefined ? null : String(installationId) };
  await requireUser();
  const visitor = await readVisitor(searchParams);
  const administered = visitor.workspaces.filter(({ role }) => hasRole(role, 'admin'));
  const notice = shownNotice(REFUSED_WITHOUT_WORKSPACE, query);

  return (
    <PublicPage visitor={visitor} className="grid max-w-lg grid-cols-1 gap-6 py-10 sm:py-16">
      {notice ? <NoticeBanner notice={notice} dismissHref={hrefWith('/connect/github', own)} /> : null}
      <PageHeader
        title="Connect GitHub to a workspace"
        description="Choose the workspace that your installation is for. GitHub then asks you once to confirm that it is yours."
      />
      {administered.length > 0 ? (
        <WorkspaceChoice workspaces={administered} installationId={installationId} />
      ) : (
        <Alert
          tone="info"
          title="You administer no workspace yet"
          actions={
            <ButtonLink size="sm" variant="primary" href="/new">
              Create a workspace
            </ButtonLink>
          }
        >
          Create one, or ask an admin of your workspace to connect GitHub.
        </Alert>
      )}
    </PublicPage>
  );
}
