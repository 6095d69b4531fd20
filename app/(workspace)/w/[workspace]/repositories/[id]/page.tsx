import { ExternalLink } from 'lucide-react';
import type { Metadata } from 'next';
import { orNotFound, orNotNow } from '@/app/page-reads';
import { LastEvents } from '@/components/objects/last-events';
import { ReaderList } from '@/components/objects/reader-list';
import { RepositoryFacts } from '@/components/objects/repository-facts';
import { UsageNotNow } from '@/components/objects/usage-card';
import { BackLink, PageHeader } from '@/components/shell/page-header';
import { buttonClasses } from '@/components/ui/button';
import { UntrustedText } from '@/components/ui/untrusted-text';
import { listAuditEvents } from '@/lib/audit/list';
import { getConfig } from '@/lib/config';
import { auditLogHref } from '@/lib/contract/audit-log-href';
import { hasRole } from '@/lib/contract/members';
import { GitHubIdParam } from '@/lib/contract/pagination';
import { listReaders, MAX_READERS } from '@/lib/credentials/readers';
import { findRepository } from '@/lib/installation/find-repository';
import { memberOf } from '../../member-of';

export const metadata: Metadata = { title: 'Repository' };

type RepositoryProps = { params: Promise<{ workspace: string; id: string }> };

const EVENTS = 10;

export default async function RepositoryPage({ params }: RepositoryProps) {
  const { workspace: slug, id } = await params;
  const { workspace } = await memberOf(slug);
  // An invalid id becomes 0, which is the id of no repository.
  const repository = await orNotFound(findRepository(workspace.id, GitHubIdParam.catch(0).parse(id)));
  const settings = `/w/${workspace.slug}/settings`;
  const { full_name } = repository;
  return (
    <div className="flex max-w-4xl flex-col gap-6">
      <BackLink href={`${settings}/github#repositories`}>Repositories</BackLink>
      <PageHeader
        title={<UntrustedText>{full_name}</UntrustedText>}
        description="Who can read this repository through PulseStream, and who did."
        actions={
          <a
            href={`${getConfig().github.webUrl}/${full_name.split('/').map(encodeURIComponent).join('/')}`}
            target="_blank"
            rel="noreferrer"
            className={buttonClasses({ size: 'sm' })}
          >
            Open on GitHub
            <ExternalLink aria-hidden />
            <span className="sr-only">(opens in a new tab)</span>
          </a>
        }
      />
      <RepositoryFacts
        repository={repository}
        connectionHref={`${settings}/github/${repository.installation_id}`}
      />
      {hasRole(workspace.role, 'admin') ? (
        <Access
          workspace={workspace}
          repositoryId={repository.id}
          isReadable={repository.state === 'readable'}
        />
      ) : null}
    </div>
  );
}

type AccessProps = { workspace: { id: string; slug: string }; repositoryId: number; isReadable: boolean };

/** Shows what only admins may see: who can get tokens for a repository, and who got some. */
async function Access({ workspace: { id, slug }, repositoryId, isReadable }: AccessProps) {
  const repository = String(repositoryId);
  const [readers, events] = await Promise.all([
    isReadable ? listReaders(id, repositoryId) : [],
    orNotNow(listAuditEvents(id, { repository, limit: EVENTS })),
  ]);
  return (
    <>
      {isReadable ? (
        <ReaderList readers={readers} limit={MAX_READERS} settings={`/w/${slug}/settings`} />
      ) : null}
      {events.value === null ? (
        <UsageNotNow why={events.notNow} />
      ) : (
        <LastEvents
          title="Tokens that could read it"
          events={events.value.data}
          eventHref={(seq) => auditLogHref(slug, { repository, event: String(seq) })}
          logHref={auditLogHref(slug, { repository })}
          withActor
        />
      )}
    </>
  );
}
