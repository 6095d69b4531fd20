import type { AccountNames } from '@/components/audit-log/describe-event';
import { EventDrawer } from '@/components/audit-log/event-drawer';
import type { EventFilters } from '@/components/audit-log/event-filters';
import { findAuditEvent } from '@/lib/audit/find-event';
import type { AuditEvent } from '@/lib/contract/audit-event';

type OpenedEventProps = {
  workspaceId: string;
  /** Its number, as it stands in the address. */
  seq: string;
  /** Number of the log's last event. */
  lastSeq: number;
  /** What the page lists, newest first: the drawer leads to its neighbours there. */
  listed: AuditEvent[];
  accounts: AccountNames;
  filterHref: (filters: EventFilters) => string;
  closeHref: string;
  eventHref: (seq: number) => string;
};

export async function OpenedEvent({
  workspaceId,
  seq,
  lastSeq,
  listed,
  accounts,
  filterHref,
  closeHref,
  eventHref,
}: OpenedEventProps) {
  const event = await findAuditEvent(workspaceId, seq);
  const index = listed.findIndex((each) => each.seq === event?.seq);
  const neighbourHref = (at: number) => {
    const neighbour = index < 0 ? undefined : listed[at];
    return neighbour ? eventHref(neighbour.seq) : null;
  };
  return (
    <EventDrawer
      event={event}
      wasThere={/^[1-9]\d*$/.test(seq) && Number(seq) <= lastSeq}
      accounts={accounts}
      filterHref={filterHref}
      closeHref={closeHref}
      newerHref={neighbourHref(index - 1)}
      olderHref={neighbourHref(index + 1)}
    />
  );
}
