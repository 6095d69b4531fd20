import type { Metadata } from 'next';
import { notFound } from 'next/navigation';
import { Suspense } from 'react';
import { firstValue, type SearchParams } from '@/app/request';
import { ConnectionCard, configureUrl } from '@/components/github/connection-card';
import { BackLink, PageHeader } from '@/components/shell/page-header';
import { Skeleton } from '@/components/ui/skeleton';
import { UntrustedText } from '@/components/ui/untrusted-text';
import { getConfig } from '@/lib/config';
import { hasRole } from '@/lib/contract/members';
import { listInstallations } from '@/lib/installation/list';
import { linksFor } from '../../../links-for';
import { memberOf } from '../../../member-of';
import { Use } from '../../../use-of-actor';
import { disconnect, dismissRequest, syncNow } from '../actions';
import { Health } from './health';

export const metadata: Metadata = { title: 'Connection' };

type ConnectionProps = { params: Promise<{ workspace: string; id: string }>; searchParams: SearchParams };

export default async function ConnectionPage({ params, searchParams }: ConnectionProps) {
  const { workspace: slug, id } = await params;
  const { workspace } = await memberOf(slug);
  const installations = await listInstallations(workspace.id);
  const installation = installations.find((each) => String(each.id) === id) ?? notFound();
  const isAdmin = hasRole(workspace.role, 'admin');
  const { github, egressAddresses } = getConfig();
  return (
    <div className="flex max-w-4xl flex-col gap-6">
      <BackLink href={`/w/${workspace.slug}/settings/github`}>GitHub</BackLink>
      <PageHeader
        title={<UntrustedText>{installation.account.login}</UntrustedText>}
        description="A connection of this workspace: its health, its permissions on GitHub, and its use."
      />
      <section aria-labelledby="overview">
        <h2 id="overview" className="sr-only">
          Overview
        </h2>
        <ConnectionCard
          connection={installation}
          workspace={workspace.slug}
          githubUrl={github.webUrl}
          ourAddresses={egressAddresses}
          isAdmin={isAdmin}
          links={await linksFor(workspace, [installation.connected_by])}
          pageHref={`/w/${workspace.slug}/settings/github/${id}`}
          asked={firstValue((await searchParams).ask)}
          actions={{
            sync: syncNow.bind(null, workspace.slug),
            disconnect: disconnect.bind(null, workspace.slug),
            dismissRequest: dismissRequest.bind(null, workspace.slug),
          }}
        />
      </section>
      {installation.status === 'deleted' ? null : (
        <Suspense fallback={<Skeleton shape="card" className="h-64" />}>
          <Health
            workspaceId={workspace.id}
            installation={installation}
            configureHref={configureUrl(github.webUrl, installation)}
          />
        </Suspense>
      )}
      {isAdmin ? <Use workspace={workspace} of={{ installationId: installation.id }} /> : null}
    </div>
  );
}
