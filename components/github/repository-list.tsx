import { FolderGit2, GitBranch, SearchX } from 'lucide-react';
import type { ReactNode } from 'react';
import { counted } from '@/lib/contract/counted';
import type { Repository } from '@/lib/contract/installation';
import { type RepositorySort, sortedQuery } from '@/lib/contract/sort';
import { RepositoryLink } from '../objects/links';
import { Badge } from '../ui/badge';
import { Button } from '../ui/button';
import { ButtonLink } from '../ui/button-link';
import { Card } from '../ui/card';
import { CopyButton } from '../ui/copy-button';
import { EmptyState } from '../ui/empty-state';
import { Pagination } from '../ui/pagination';
import { SearchField } from '../ui/search-field';
import { SelectableRow, SelectCell } from '../ui/select-cell';
import { SelectAll, SelectionForm } from '../ui/selection';
import { SortHeader, type Sorting, SortMenu } from '../ui/sort';
import { StackedHead } from '../ui/stacked-head';
import { Table, TableBody, TableCell, TableHead, TableHeader, TableRow } from '../ui/table';
import { UntrustedText } from '../ui/untrusted-text';

type RepositoryListProps = {
  workspacePath: string;
  repositories: Repository[];
  /** The search text. If it is empty, every repository is listed. */
  query: string;
  sorting: Sorting<RepositorySort>;
  /** The path of the form for a new key. Omitted if the reader cannot create one. */
  newKeyPath: string | undefined;
  firstHref: string | null;
  nextHref: string | null;
  /** The accounts to filter by; empty if there's only one account. The first entry stands for all accounts. */
  accounts: { id: number | null; login: string; href: string; current: boolean }[];
  /** The URL of the page without the search. */
  clearHref: string;
  /** Whether a sync is running. If so, an empty list means that no repository has been fetched yet. */
  syncing: boolean;
};

const FORM = 'selected-repositories';
const WHERE = 'on this page';

export function RepositoryList(props: RepositoryListProps) {
  const {
    workspacePath,
    repositories,
    query,
    firstHref,
    nextHref,
    clearHref,
    syncing,
    accounts,
    sorting,
    newKeyPath,
  } = props;
  const found = nextHref
    ? `${repositories.length} or more repositories`
    : counted(repositories.length, 'repository', 'repositories');
  const order = sortedQuery(sorting.sorts, sorting.sorted);
  const chosen = accounts.find(({ current }) => current)?.id;
  return (
    <section aria-labelledby="repositories" className="flex flex-col gap-4">
      <RepositoriesHeading
        search={
          <search>
            <form method="get">
              {chosen ? <input type="hidden" name="installation_id" value={chosen} /> : null}
              {order.sort === null ? null : <input type="hidden" name="sort" value={order.sort} />}
              {order.order === null ? null : <input type="hidden" name="order" value={order.order} />}
              <SearchField
                label="Search repositories"
                placeholder="Search repositories"
                value={query}
                resets={['cursor', 'notice']}
              />
            </form>
          </search>
        }
      />
      {accounts.length > 0 ? (
        <nav aria-label="Repositories of" className="flex flex-wrap gap-2">
          {accounts.map(({ id, login, href, current }) => (
            <ButtonLink
              key={id ?? 'all'}
              size="sm"
              variant={current ? 'primary' : 'secondary'}
              href={href}
              scroll={false}
              aria-current={current ? 'true' : undefined}
              className="max-w-full"
            >
              <UntrustedText truncate>{login}</UntrustedText>
            </ButtonLink>
          ))}
        </nav>
      ) : null}
      <p aria-live="polite" className="sr-only">
        {query ? `${found} ${repositories.length === 1 ? 'matches' : 'match'} ${query}` : found}
      </p>
      <div className="group/selection grid grid-cols-1 gap-2">
        <StackedHead>
          {newKeyPath === undefined ? null : <SelectAll form={FORM} where={WHERE} />}
          <SortMenu {...sorting} />
        </StackedHead>
        <Card>
          {repositories.length === 0 ? (
            <NoRepositories query={query} clearHref={clearHref} syncing={syncing} />
          ) : (
            <Table aria-labelledby="repositories">
              <TableHead className="rounded-t-xl">
                <TableRow>
                  {newKeyPath === undefined ? null : (
                    <TableHeader className="w-10 rounded-tl-xl stacked:hidden">
                      <SelectAll form={FORM} where={WHERE} />
                    </TableHeader>
                  )}
                  <SortHeader name="name" sorting={sorting} className="w-[38%] first:rounded-tl-xl" />
                  <TableHeader className="w-[18%]">Default branch</TableHeader>
                  <TableHeader className="rounded-tr-xl">Clone URL</TableHeader>
                </TableRow>
              </TableHead>
              <TableBody>
                {repositories.map((repository) => (
                  <RepositoryRow
                    key={`${repository.installation_id}/${repository.id}`}
                    repository={repository}
                    workspacePath={workspacePath}
                    isSelectable={newKeyPath !== undefined}
                  />
                ))}
              </TableBody>
            </Table>
          )}
        </Card>
        {newKeyPath === undefined ? null : (
          <SelectionForm id={FORM} path={newKeyPath}>
            <Button type="submit" size="sm" variant="primary">
              Create API key for these
            </Button>
          </SelectionForm>
        )}
      </div>
      <Pagination
        label="Repositories"
        previous={{ href: firstHref, text: 'First page' }}
        next={{ href: nextHref, text: 'Next' }}
      />
    </section>
  );
}

/** Heading of the list. The skeleton uses it too, with a grey box in place of the search field. */
export function RepositoriesHeading({ search }: { search: ReactNode }) {
  return (
    <div className="flex flex-wrap items-end justify-between gap-3">
      <div>
        <h2 id="repositories" className="font-semibold text-lg tracking-tight">
          Repositories
        </h2>
        <p className="text-muted text-sm">Repositories PulseStream can read. Change access on GitHub.</p>
      </div>
      <div className="w-full sm:w-72">{search}</div>
    </div>
  );
}

type RepositoryRowProps = { repository: Repository; workspacePath: string; isSelectable: boolean };

function RepositoryRow({ repository, workspacePath, isSelectable }: RepositoryRowProps) {
  const Row = isSelectable ? SelectableRow : TableRow;
  return (
    <Row>
      {isSelectable ? (
        <SelectCell
          select={{ form: FORM, field: 'repository', value: repository.id, name: repository.full_name }}
        />
      ) : null}
      <TableCell>
        <span className="flex flex-wrap items-center gap-x-2 gap-y-1">
          <span className="font-medium">
            <RepositoryLink id={repository.id} name={repository.full_name} links={{ workspacePath }} />
          </span>
          <Badge>{repository.private ? 'Private' : 'Public'}</Badge>
          {repository.archived ? <Badge tone="warning">Archived</Badge> : null}
        </span>
      </TableCell>
      <TableCell>
        <span className="flex min-w-0 items-center gap-1.5 text-muted">
          <GitBranch aria-hidden className="size-3.5 shrink-0" />
          <span className="sr-only md:hidden">Default branch: </span>
          <UntrustedText truncate className="min-w-0 font-mono text-13">
            {repository.default_branch}
          </UntrustedText>
        </span>
      </TableCell>
      <TableCell>
        <span className="flex min-w-0 items-center justify-between gap-2">
          <UntrustedText truncate className="min-w-0 font-mono text-13 text-muted">
            {repository.clone_url}
          </UntrustedText>
          <CopyButton value={repository.clone_url} label={`clone URL of ${repository.full_name}`} />
        </span>
      </TableCell>
    </Row>
  );
}

type NoRepositoriesProps = Pick<RepositoryListProps, 'query' | 'clearHref' | 'syncing'>;

function NoRepositories({ query, clearHref, syncing }: NoRepositoriesProps) {
  if (query !== '')
    return (
      <EmptyState
        icon={SearchX}
        title={`No repository matches “${query}”`}
        actions={
          <ButtonLink size="sm" href={clearHref} scroll={false}>
            Clear the search
          </ButtonLink>
        }
      >
        Only repositories shared with PulseStream are listed.
      </EmptyState>
    );
  if (syncing)
    return (
      <EmptyState icon={FolderGit2} title="Reading the list from GitHub">
        The repositories appear here automatically.
      </EmptyState>
    );
  return (
    <EmptyState icon={FolderGit2} title="No repositories are shared">
      Choose “Configure on GitHub” above and select repositories under “Repository access”. They appear here
      within seconds.
    </EmptyState>
  );
}
