import type { Metadata } from 'next';
import { shownNotice } from '@/app/notices';
import { PublicHeader, readVisitor } from '@/app/public-header';
import { firstValue, type SearchParams } from '@/app/search-params';
import { WorkspaceChoice } from '@/components/github/workspace-choice';
import { Alert } from '@/components/ui/alert';
import { ButtonLink } from '@/components/ui/button-link';
import { NoticeBanner } from '@/components/ui/notice';
import { requireUser } from '@/lib/auth/session';
import { REFUSED_WITHOUT_WORKSPACE } from '@/lib/connect/outcomes';
import { SetupQuery } from '@/lib/contract/connect';
import { hasRole } from '@/lib/contract/members';
import { hrefWith } from '@/lib/http/href-with';

export const metadata: Metadata = { title: 'Connect GitHub' };

/** Where GitHub leads somebody who installed the App over there, so that we do not know for which workspace. */
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
    <>
      <PublicHeader visitor={visitor} />
      <main
        id="content"
        tabIndex={-1}
        className="mx-auto grid max-w-lg grid-cols-1 gap-6 px-4 py-10 outline-none sm:py-16"
      >
        {notice ? <NoticeBanner notice={notice} dismissHref={hrefWith('/connect/github', own)} /> : null}
        <div>
          <h1 className="font-semibold text-2xl tracking-tight">Connect GitHub to a workspace</h1>
          <p className="mt-1 text-muted text-sm leading-relaxed">
            Choose the workspace that your installation is for. GitHub then asks you once to confirm that it
            is yours.
          </p>
        </div>
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
      </main>
    </>
  );
}
