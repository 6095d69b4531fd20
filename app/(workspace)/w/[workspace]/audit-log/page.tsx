import type { Metadata } from 'next';
import { cookies } from 'next/headers';
import { type MaybeNow, orFirstPage, orNotNow } from '@/app/page-reads';
import { firstValue, type Query, type SearchParams } from '@/app/request';
import { AuditFiltersForm } from '@/components/audit-log/audit-filters-form';
import { AuditLogBoxes } from '@/components/audit-log/audit-log-boxes';
import { AuditTools } from '@/components/audit-log/audit-tools';
import { activeFilters, hidesSyncs } from '@/components/audit-log/event-filters';
import { ArchivedEvents, EventTable, NoEvents } from '@/components/audit-log/event-table';
import { MintChart, MintChartPending } from '@/components/audit-log/mint-chart';
import { NewEvents } from '@/components/audit-log/new-events';
import { TimesSwitch } from '@/components/audit-log/times-switch';
import { PageHeader } from '@/components/shell/page-header';
import { PendingNavigation } from '@/components/shell/pending-navigation';
import { PendingPage } from '@/components/shell/pending-page';
import { parseTimes, TIMES_COOKIE } from '@/components/shell/preferences';
import { Alert } from '@/components/ui/alert';
import { Link } from '@/components/ui/link';
import { Pagination } from '@/components/ui/pagination';
import { Skeleton } from '@/components/ui/skeleton';
import { zoneOfPage } from '@/components/ui/zone';
import type { UserActor } from '@/lib/actor';
import { listAuditEvents } from '@/lib/audit/list';
import { countMintsPerDay, type MintsOfDay } from '@/lib/audit/per-day';
import { findAuditEvent, readChainHead } from '@/lib/audit/read';
import type { Membership } from '@/lib/auth/session';
import { auditLogHref, type EventFilters } from '@/lib/contract/audit-log-href';
import { listInstallations } from '@/lib/installation/list';
import { memberOf } from '../member-of';
import { exportHrefs, listHref, parseAuditSearch } from './audit-search';
import { OpenedEvent } from './opened-event';
import { Verification } from './verification';

export const metadata: Metadata = { title: 'Audit log' };

const REFRESH_SECONDS = 10;
const CHART_DAYS = 30;

type AuditLogProps = { params: Promise<{ workspace: string }>; searchParams: SearchParams };

const HEAD = {
  title: 'Audit log',
  description:
    'Every action in this workspace. Append-only and hash-chained: any change to a past event is detectable.',
};

export default async function AuditLogPage({ params, searchParams }: AuditLogProps) {
  const { user, workspace } = await memberOf((await params).workspace, 'admin');
  return (
    <PendingPage
      label="Loading the audit log"
      head={HEAD}
      actions={<Skeleton className="h-18 w-72 sm:h-8 sm:w-96" />}
      boxes={<AuditLogBoxes />}
    >
      <AuditLog user={user} workspace={workspace} query={await searchParams} />
    </PendingPage>
  );
}

type ContentProps = { user: UserActor; workspace: Membership; query: Query };

async function AuditLog({ user, workspace, query }: ContentProps) {
  const path = `/w/${workspace.slug}/audit-log`;
  const search = parseAuditSearch(query);
  const verifying = firstValue(query.verify) === '1';
  const opened = firstValue(query.event);
  // Start this one first, because its part of the page is rendered last.
  const mintsPerDay = orNotNow(countMintsPerDay(workspace.id, CHART_DAYS));
  // Another read may fail first. Without a handler, this one's failure would then go unhandled.
  mintsPerDay.catch(() => {});
  const [installations, head, { value: page, notNow }, openedEvent] = await Promise.all([
    listInstallations(workspace.id),
    readChainHead(workspace.id),
    // Never ignore an invalid filter: the list would then contain more than the user asked for. Show the filter's error
    // instead of events.
    search.query === null
      ? { value: null, notNow: null }
      : orNotNow(
          orFirstPage(
            listAuditEvents(workspace.id, search.query),
            auditLogHref(workspace.slug, search.filters),
          ),
        ),
    opened === undefined ? null : findAuditEvent(workspace.id, opened),
  ]);
  const accounts = new Map(installations.map(({ id, account }) => [id, account.login]));
  const here = { ...search.filters, cursor: firstValue(query.cursor) };
  const eventHref = (seq: number) => auditLogHref(workspace.slug, { ...here, event: String(seq) });
  const filtered = activeFilters(search.filters).length > 0;
  const isHidden = hidesSyncs(search.filters);
  const otherwise = isHidden ? 'show' : search.filters.actor === undefined ? undefined : 'hide';
  // Our own syncs mint many tokens, none of which can read code. Hide those mints by default, so they don't bury the
  // rest.
  const syncsSwitch = (
    <p className="text-[13px] text-muted">
      Tokens of our syncs, which read no code, are {isHidden ? 'hidden' : 'listed'}.{' '}
      <Link
        href={auditLogHref(workspace.slug, { ...search.filters, syncs: otherwise })}
        scroll={false}
        className="rounded-sm font-medium text-foreground underline underline-offset-4"
      >
        {isHidden ? 'Show syncs' : 'Hide syncs'}
      </Link>
    </p>
  );
  const pageHref = (cursor: string | null) =>
    cursor === null ? null : auditLogHref(workspace.slug, { ...search.filters, cursor });
  const times = parseTimes((await cookies()).get(TIMES_COOKIE)?.value);

  return (
    <div className="flex flex-col gap-6">
      <PageHeader
        {...HEAD}
        actions={
          <AuditTools
            verifyHref={auditLogHref(workspace.slug, { ...search.filters, verify: '1' })}
            compareHref={`${path}/compare`}
            exports={exportHrefs(workspace.slug, search)}
            filtered={filtered}
            events={head.seq - head.archived.seq}
          />
        }
      />
      {verifying ? (
        <Verification
          workspaceId={workspace.id}
          userId={user.id}
          dismissHref={auditLogHref(workspace.slug, search.filters)}
          eventHref={eventHref}
        />
      ) : null}
      <PendingNavigation fallback={<MintChartPending />}>
        <MintsPerDay
          counted={mintsPerDay}
          href={auditLogHref(workspace.slug, search.filters)}
          filters={search.filters}
        />
      </PendingNavigation>
      <AuditFiltersForm
        clearHref={path}
        filters={search.filters}
        errors={search.errors}
        installations={installations.map(({ id, account }) => ({ id, login: account.login }))}
      />
      {page !== null && search.query !== null && search.query.cursor === undefined ? (
        <NewEvents
          href={auditLogHref(workspace.slug, search.filters)}
          newest={page.data[0]?.seq ?? 0}
          checkHref={listHref(workspace.slug, search.query)}
          everySeconds={REFRESH_SECONDS}
        />
      ) : null}
      {notNow !== null ? (
        <Alert live tone="warning" title="No events are shown now">
          {notNow}
        </Alert>
      ) : page === null ? (
        <Alert live tone="warning" title="These filters cannot be used">
          Correct the marked fields and apply them again. No events are shown until then.
        </Alert>
      ) : page.data.length === 0 ? (
        <div className="grid grid-cols-1 gap-2">
          {syncsSwitch}
          <NoEvents filtered={filtered} clearHref={path} />
        </div>
      ) : (
        <div className="grid grid-cols-1 gap-2">
          <p aria-live="polite" className="sr-only">
            {page.data.length} events on this page
          </p>
          <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1">
            <TimesSwitch times={times} zone={zoneOfPage()} />
            {syncsSwitch}
          </div>
          <EventTable
            events={page.data}
            workspaceSlug={workspace.slug}
            accounts={accounts}
            eventHref={eventHref}
            times={times}
          />
        </div>
      )}
      {page?.next_cursor === null && head.archived.seq > 0 ? (
        <ArchivedEvents upTo={head.archived.seq} />
      ) : null}
      {page ? (
        <Pagination
          label="Audit log"
          previous={{ href: pageHref(page.prev_cursor), text: 'Newer' }}
          next={{ href: pageHref(page.next_cursor), text: 'Older' }}
        />
      ) : null}
      {opened === undefined ? null : (
        <OpenedEvent
          event={openedEvent}
          seq={opened}
          head={head}
          workspaceSlug={workspace.slug}
          listed={page?.data ?? []}
          installations={installations}
          accounts={accounts}
          filterHref={(filters) => auditLogHref(workspace.slug, filters)}
          closeHref={auditLogHref(workspace.slug, here)}
          eventHref={eventHref}
        />
      )}
    </div>
  );
}

type MintsPerDayProps = {
  counted: Promise<MaybeNow<MintsOfDay[]>>;
  href: string;
  filters: EventFilters;
};

/** Draws the chart of tokens per day once they are counted. The rest of the page doesn't wait for it. */
async function MintsPerDay({ counted, href, filters }: MintsPerDayProps) {
  const { value: days, notNow } = await counted;
  if (days === null)
    return (
      <Alert tone="warning" title="Tokens per day are not counted now">
        {notNow}
      </Alert>
    );
  return (
    <MintChart
      days={days}
      selected={filters.from && filters.to ? { from: filters.from, to: filters.to } : null}
      href={href}
    />
  );
}
