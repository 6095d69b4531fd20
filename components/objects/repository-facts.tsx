import { CircleCheck, CirclePause, CircleSlash } from 'lucide-react';
import type { RepositoryView } from '@/lib/installation/find-repository';
import { Badge } from '../ui/badge';
import { Card, Fact } from '../ui/card';
import { CopyButton } from '../ui/copy-button';
import { Link } from '../ui/link';
import { Time } from '../ui/time';
import { UntrustedText } from '../ui/untrusted-text';

const STATES = {
  readable: { label: 'Shared', tone: 'success', icon: CircleCheck, meaning: null },
  suspended: {
    label: 'Suspended',
    tone: 'warning',
    icon: CirclePause,
    meaning: 'No token is issued while its connection is suspended. An owner can unsuspend it on GitHub.',
  },
  unshared: {
    label: 'Not shared',
    tone: 'neutral',
    icon: CircleSlash,
    meaning: 'It is no longer shared. A token that was issued before can work for an hour at most.',
  },
} as const satisfies Record<RepositoryView['state'], object>;

type RepositoryFactsProps = { repository: RepositoryView; connectionHref: string };

/** Shows a repository as GitHub described it last. */
export function RepositoryFacts({ repository, connectionHref }: RepositoryFactsProps) {
  const { state, account, clone_url, default_branch, shared_since, unshared_at } = repository;
  const { label, tone, icon: Icon, meaning } = STATES[state];
  return (
    <Card>
      <dl className="grid grid-cols-1 gap-x-6 gap-y-4 p-5 text-sm sm:grid-cols-2 sm:p-6">
        <Fact term="Status">
          <span className="flex flex-wrap gap-1.5">
            <Badge tone={tone}>
              <Icon aria-hidden />
              {label}
            </Badge>
            <Badge>{repository.private ? 'Private' : 'Public'}</Badge>
            {repository.archived ? <Badge tone="warning">Archived</Badge> : null}
          </span>
        </Fact>
        <Fact term="Account">
          <Link href={connectionHref} className="text-accent underline underline-offset-4 hover:no-underline">
            <UntrustedText>{account}</UntrustedText>
          </Link>
        </Fact>
        <Fact term="Default branch">
          <UntrustedText className="font-mono text-13">{default_branch}</UntrustedText>
        </Fact>
        <Fact term={unshared_at === null ? 'Shared since' : 'Shared until'}>
          {(unshared_at ?? shared_since) ? (
            <Time value={(unshared_at ?? shared_since) as string} />
          ) : (
            'Unknown'
          )}
        </Fact>
        <div className="min-w-0 sm:col-span-2">
          <dt className="text-13 text-muted">Clone URL</dt>
          <dd className="mt-0.5 flex min-w-0 items-center gap-2">
            <UntrustedText className="min-w-0 font-mono text-13">{clone_url}</UntrustedText>
            <CopyButton value={clone_url} label="the clone URL" />
          </dd>
        </div>
      </dl>
      {meaning ? <p className="border-t px-5 py-3 text-13 text-muted sm:px-6">{meaning}</p> : null}
    </Card>
  );
}
