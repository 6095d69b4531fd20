import type { Metadata } from 'next';
import { cookies } from 'next/headers';
import { redirect } from 'next/navigation';
import { orFirstPage, orNotNow } from '@/app/page-reads';
import type { Query, SearchParams } from '@/app/request';
import { AuditLogBoxes } from '@/components/audit-log/audit-log-boxes';
import { AuditTools } from '@/components/audit-log/audit-tools';
import { isUsualColumns, parseColumns } from '@/components/audit-log/columns';
import { activeFilters } from '@/components/audit-log/event-filters';
import { ArchivedEvents, EventTable, NoEvents } from '@/components/audit-log/event-table';
import { FilterBar } from '@/components/audit-log/filter-bar';
import { countInWords, ListSummary } from '@/components/audit-log/list-summary';
import { NewEvents } from '@/components/audit-log/new-events';
import { PeriodButtons } from '@/components/audit-log/period-buttons';
import { QueryForm } from '@/components/audit-log/query-form';
import { TokenChartPending } from '@/components/audit-log/token-chart';
import { ViewsMenu } from '@/components/audit-log/views-menu';
import { PageHeader } from '@/components/shell/page-header';
import { PendingNavigation } from '@/components/shell/pending-navigation';
import { PendingPage } from '@/components/shell/pending-page';
import { parseTimes, TIMES_COOKIE } from '@/components/shell/preferences';
import { Alert } from '@/components/ui/alert';
import { Pagination } from '@/components/ui/pagination';
import { Skeleton } from '@/components/ui/skeleton';
import { zoneOfPage } from '@/components/ui/zone';
import type { UserActor } from '@/lib/actor';
import { countAuditEvents } from '@/lib/audit/count';
import { listAuditEvents } from '@/lib/audit/list';
import { formatQuery, QUERY_WORDS } from '@/lib/audit/query';
import { findAuditEvent, readChainHead } from '@/lib/audit/read';
import { suggestActors } from '@/lib/audit/suggestions';
import { unknownWords } from '@/lib/audit/unknown-words';
import { listViews, writeAddress } from '@/lib/audit/views';
import type { Membership } from '@/lib/auth/session';
import { type AuditLogAddress, auditLogHref } from '@/lib/contract/audit-log-href';
import { UTC } from '@/lib/contract/time-zone';
import { type InstallationView, listInstallations } from '@/lib/installation/list';
import { listRepositories } from '@/lib/installation/list-repositories';
import { memberOf } from '../member-of';
import { deleteView, saveView } from './actions';
import { allValues, exportHrefs, listHref, oneValue, parseAuditSearch } from './audit-search';
import { Chart, countForChart } from './chart';
import { OpenedEvent } from './opened-event';
import { type QueryLine, readQueryLine } from './query-line';
import { Total } from './total';
import { Verification } from './verification';
import { ViewNotice } from './view-notice';

const REFRESH_SECONDS = 10;
const SUGGESTED_REPOSITORIES = 50;

type AuditLogProps = { params: Promise<{ workspace: string }>; searchParams: SearchParams };

/** Names the filters in the title, so that tabs, bookmarks and the history tell searches apart. */
export async function generateMetadata({ searchParams }: AuditLogProps): Promise<Metadata> {
  const text = formatQuery(parseAuditSearch(await searchParams).filters);
  return { title: text === '' ? 'Audit log' : `${text.slice(0, 100)} · Audit log` };
}

const HEAD = {
  title: 'Audit log',
  description:
    'Every action in this workspace. Append-only and hash-chained: any change to a past event is detectable.',
};

export default async function AuditLogPage({ params, searchParams }: AuditLogProps) {
  const { user, workspace } = await memberOf((await params).workspace, 'admin');
  const given = await searchParams;
  const installations = await listInstallations(workspace.id);
  const line = readQueryLine(given, installations, zoneOfPage());
  if (line?.problems.length === 0) redirect(auditLogHref(workspace.slug, line.address));
  // Without a redirect, the address holds what the form sent. The filters are those of the part that was understood.
  const query = line?.address ?? given;
  return (
    <PendingPage
      label="Loading the audit log"
      head={HEAD}
      actions={<Skeleton className="h-18 w-72 sm:h-8 sm:w-96" />}
      boxes={<AuditLogBoxes />}
      className="gap-4"
    >
      <AuditLog user={user} workspace={workspace} query={query} installations={installations} line={line} />
    </PendingPage>
  );
}

type ContentProps = {
  user: UserActor;
  workspace: Membership;
  query: Query;
  installations: InstallationView[];
  /** A line with mistakes; `null` if the address is that of filters. */
  line: QueryLine | null;
};

async function AuditLog({ user, workspace, query, installations, line }: ContentProps) {
  const search = parseAuditSearch(query);
  const zone = zoneOfPage();
  const chosenColumns = allValues(query.columns);
  const asked = line === null ? search.query : null;
  const address: AuditLogAddress = {
    ...search.filters,
    order: oneValue(query.order),
    columns: isUsualColumns(chosenColumns) ? undefined : chosenColumns,
    zone: search.zone === UTC ? undefined : search.zone,
  };
  const hrefOf = (more: AuditLogAddress) => auditLogHref(workspace.slug, { ...address, ...more });
  const here = { cursor: oneValue(query.cursor) };
  const eventHref = (seq: number | string) => hrefOf({ ...here, event: String(seq) });
  // Start these first, because their parts of the page are rendered last.
  const tokens = asked && countForChart(workspace.id, asked, zone);
  const total = asked && orNotNow(countAuditEvents(workspace.id, filtersOf(asked)));
  // Another read may fail first. Without a handler, the failures of these would then go unhandled.
  for (const each of [tokens, total]) each?.catch(() => {});
  const opened = oneValue(query.event);
  const [head, { value: page, notNow }, actors, repositories, views] = await Promise.all([
    readChainHead(workspace.id),
    // Never ignore an invalid filter: the list would then contain more than the user asked for. Show the filter's error
    // instead of events.
    asked === null
      ? { value: null, notNow: null }
      : orNotNow(orFirstPage(listAuditEvents(workspace.id, asked), hrefOf({}))),
    suggestActors(workspace.id),
    listRepositories({ workspaceId: workspace.id, repositoryIds: null }, { limit: SUGGESTED_REPOSITORIES }),
    listViews(workspace.id, user.id),
  ]);
  const events = page?.data ?? [];
  const seq = opened === 'first' ? events.at(0)?.seq : opened === 'last' ? events.at(-1)?.seq : opened;
  const openedEvent = seq === undefined ? null : await findAuditEvent(workspace.id, String(seq));
  const accounts = new Map(installations.map(({ id, account }) => [id, account.login]));
  const named = installations.map(({ id, account }) => ({ id, login: account.login }));
  const text = formatQuery(search.filters, named);
  const isFiltered = activeFilters(search.filters).length > 0;
  const times = parseTimes((await cookies()).get(TIMES_COOKIE)?.value);
  const columns = parseColumns(chosenColumns);
  const oldestEnd = address.order === 'oldest' ? page?.prev_cursor : page?.next_cursor;
  const isWhole = page?.prev_cursor === null && page.next_cursor === null;
  const pageHref = (cursor: string | null) => (cursor === null ? null : hrefOf({ cursor }));

  return (
    <div className="flex flex-col gap-4">
      <PageHeader
        title={HEAD.title}
        description={<span className="max-sm:sr-only">{HEAD.description}</span>}
        actions={
          <AuditTools
            verifyHref={hrefOf({ verify: '1' })}
            compareHref={`${auditLogHref(workspace.slug)}/compare`}
            exports={line !== null ? null : exportHrefs(workspace.slug, search)}
            filtered={isFiltered}
            events={head.seq - head.archived.seq}
          />
        }
      />
      <ViewNotice
        query={query}
        by={{ workspaceId: workspace.id, actor: user }}
        workspaceSlug={workspace.slug}
        views={views}
        address={writeAddress(address)}
        dismissHref={hrefOf({})}
      />
      {oneValue(query.verify) === '1' ? (
        <Verification
          workspaceId={workspace.id}
          userId={user.id}
          dismissHref={hrefOf({})}
          eventHref={eventHref}
        />
      ) : null}
      <QueryForm
        path={auditLogHref(workspace.slug)}
        clearHref={auditLogHref(workspace.slug, { order: address.order, columns: address.columns })}
        address={address}
        text={line?.text ?? text}
        shown={line?.shown ?? text}
        lineZone={line?.zone ?? (hasTimes(address) ? search.zone : zone)}
        problems={line?.problems ?? []}
        unknown={unknownWords(search.filters.q ?? '')}
        words={QUERY_WORDS}
      />
      <FilterBar
        address={address}
        errors={search.errors}
        installations={named}
        actors={actors}
        repositories={repositories.data.map(({ full_name }) => full_name)}
        zone={zone}
      />
      {tokens && asked ? (
        <PendingNavigation fallback={<TokenChartPending />}>
          <Chart counted={tokens} query={asked} zone={zone} href={hrefOf({})} />
        </PendingNavigation>
      ) : null}
      {page !== null && asked !== null && asked.cursor === undefined && asked.order === undefined ? (
        <NewEvents
          href={hrefOf({})}
          newest={events[0]?.seq ?? 0}
          checkHref={listHref(workspace.slug, asked)}
          everySeconds={REFRESH_SECONDS}
        />
      ) : null}
      {notNow !== null ? (
        <Alert
          live
          tone="warning"
          title="No events are shown now"
          actions={asked?.from === undefined ? <PeriodButtons /> : null}
        >
          {notNow}
        </Alert>
      ) : page === null ? (
        <Alert live tone="warning" title="These filters cannot be used">
          Correct them and apply them again. No events are shown until then.
        </Alert>
      ) : (
        <div className="grid grid-cols-1 gap-2">
          <ListSummary
            address={address}
            views={
              <ViewsMenu
                workspaceSlug={workspace.slug}
                views={views}
                current={writeAddress(address)}
                textOf={(view) => writeAddress(view.address)}
                save={saveView.bind(null, workspace.slug)}
                remove={deleteView.bind(null, workspace.slug)}
              />
            }
            columns={columns}
            times={times}
            zone={zone}
          >
            <h2 aria-live="polite" className="font-medium tabular-nums">
              {isWhole || total === null ? (
                countInWords({ events: events.length, more: false })
              ) : (
                <PendingNavigation fallback={countInWords({ events: events.length, more: true })}>
                  <Total counted={total} shown={events.length} />
                </PendingNavigation>
              )}
            </h2>
          </ListSummary>
          {events.length === 0 ? (
            <NoEvents filtered={isFiltered} clearHref={auditLogHref(workspace.slug)} />
          ) : (
            <EventTable
              events={events}
              workspaceSlug={workspace.slug}
              accounts={accounts}
              columns={columns}
              eventHref={eventHref}
              times={times}
            />
          )}
        </div>
      )}
      {oldestEnd === null && head.archived.seq > 0 ? <ArchivedEvents upTo={head.archived.seq} /> : null}
      {page ? (
        <Pagination
          label="Audit log"
          previous={{
            href: pageHref(page.prev_cursor),
            text: address.order === 'oldest' ? 'Older' : 'Newer',
          }}
          next={{ href: pageHref(page.next_cursor), text: address.order === 'oldest' ? 'Newer' : 'Older' }}
        />
      ) : null}
      {seq === undefined ? null : (
        <OpenedEvent
          event={openedEvent}
          seq={String(seq)}
          head={head}
          workspaceId={workspace.id}
          workspaceSlug={workspace.slug}
          listed={events}
          cursors={{ previous: page?.prev_cursor ?? null, next: page?.next_cursor ?? null }}
          isOldestFirst={address.order === 'oldest'}
          installations={installations}
          accounts={accounts}
          hrefOf={hrefOf}
          closeHref={hrefOf(here)}
          eventHref={eventHref}
        />
      )}
    </div>
  );
}

const hasTimes = ({ from, to }: AuditLogAddress) => Boolean(from || to);

function filtersOf({
  limit: _,
  cursor: _cursor,
  order: _order,
  ...filters
}: NonNullable<ReturnType<typeof parseAuditSearch>['query']>) {
  return filters;
}
