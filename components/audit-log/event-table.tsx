import { ScrollText, SearchX } from 'lucide-react';
import { actorInWords } from '@/lib/contract/actor-words';
import type { AuditEvent } from '@/lib/contract/audit-event';
import type { Times } from '../shell/preferences';
import { ButtonLink } from '../ui/button-link';
import { Card } from '../ui/card';
import { EmptyState } from '../ui/empty-state';
import { formatAbsolute, formatRelative } from '../ui/format-time';
import { Table, TableBody, TableHead, TableHeader, TableRow } from '../ui/table';
import { zoneOfPage } from '../ui/zone';
import { ActorShapes, actorKind } from './actor-shapes';
import { COLUMNS, type Column } from './columns';
import { type AccountNames, accountOf, describeEvent, repositoriesOf } from './describe-event';
import { type EventRow, EventRows } from './event-rows';
import { issuerInWords, trustRuleHref, workloadOf } from './workload';

type EventTableProps = {
  events: AuditEvent[];
  accounts: AccountNames;
  workspaceSlug: string;
  /** Returns the page's URL with this event's drawer open. */
  eventHref: (seq: number) => string;
  /** The chosen columns, in their order. */
  columns: readonly Column[];
  times: Times;
};

/** Returns the id of the link in an event's row. */
export const rowId = (seq: number) => `event-${seq}`;

/** Lists events. Each row links to its event's details. */
export function EventTable({ events, ...page }: EventTableProps) {
  return (
    <Card className="overflow-hidden">
      <ActorShapes />
      <Table aria-label="Events" columns="many">
        <TableHead>
          <TableRow>
            <TableHeader className="w-[13%]">Time</TableHeader>
            <TableHeader className="w-[23%]">Event</TableHeader>
            {page.columns.map((name) => (
              <TableHeader key={name} className={name === 'actor' ? 'w-[21%]' : undefined}>
                {COLUMNS[name]}
              </TableHeader>
            ))}
          </TableRow>
        </TableHead>
        <TableBody>
          <EventRows rows={events.map((event) => rowOf(event, page))} columns={page.columns} />
        </TableBody>
      </Table>
    </Card>
  );
}

/** Returns a column's text. The actor's cell has more than text. */
const MORE: Record<Column, (event: AuditEvent, accounts: AccountNames) => string | null> = {
  actor: () => null,
  account: accountOf,
  repositories: (event) => repositoriesOf(event)?.text ?? null,
  ip: (event) => event.client_ip,
  user_agent: (event) => event.user_agent,
  request_id: (event) => event.request_id,
  seq: (event) => String(event.seq),
};

/** Prepares an event for its row. */
function rowOf(
  event: AuditEvent,
  { accounts, workspaceSlug, eventHref, columns, times }: Omit<EventTableProps, 'events'>,
): EventRow {
  const workload = workloadOf(event);
  const { label, about, tone } = describeEvent(event);
  return {
    id: rowId(event.seq),
    href: eventHref(event.seq),
    at: event.occurred_at,
    utc: formatAbsolute(event.occurred_at, zoneOfPage()),
    ...(times === 'relative' ? { ago: formatRelative(event.occurred_at, new Date()) } : {}),
    label,
    about,
    tone,
    actor: actorInWords(event.actor),
    // Someone may have tampered with the row. Show it anyway, because it is evidence.
    actorKind: actorKind(event.actor.type),
    ...(workload && {
      rule: {
        href: trustRuleHref(workspaceSlug, workload.rule.id),
        name: workload.rule.name,
        issuer: issuerInWords(workload.issuer),
      },
    }),
    more: columns.map((name) => MORE[name](event, accounts)),
  };
}

/** Tells below the last page that older events were archived, so that a search does not pass for one of the whole log. */
export function ArchivedEvents({ upTo }: { upTo: number }) {
  return (
    <p className="text-13 text-muted">
      {upTo === 1 ? 'Event 1 was' : `Events 1 to ${upTo.toLocaleString('en')} were`} archived, and cannot be
      listed or searched here. Ask the operator of this service for the archive.
    </p>
  );
}

/** Shown instead of the table when no event matches the filters, or when the log is still empty. */
export function NoEvents({ filtered, clearHref }: { filtered: boolean; clearHref: string }) {
  return (
    <Card>
      {filtered ? (
        <EmptyState
          icon={SearchX}
          title="No event matches these filters"
          actions={
            <ButtonLink size="sm" href={clearHref}>
              Clear the filters
            </ButtonLink>
          }
        />
      ) : (
        <EmptyState icon={ScrollText} title="Nothing has happened yet">
          Connections, members, API keys and every issued token appear here. Any change to a past event is
          detectable.
        </EmptyState>
      )}
    </Card>
  );
}
