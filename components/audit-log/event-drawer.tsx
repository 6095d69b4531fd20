import { Archive, ChevronLeft, ChevronRight, type LucideIcon, SearchX, ShieldAlert } from 'lucide-react';
import type { PreviousUse } from '@/lib/audit/previous-use';
import type { AuditEvent } from '@/lib/contract/audit-event';
import type { AuditLogAddress } from '@/lib/contract/audit-log-href';
import { ButtonLink } from '../ui/button-link';
import { CopyButton } from '../ui/copy-button';
import { Drawer } from '../ui/drawer';
import { EmptyState } from '../ui/empty-state';
import { type AccountNames, describeEvent } from './describe-event';
import { EventDetails } from './event-details';
import { EventDot } from './event-dot';
import { rowId } from './event-table';
import type { OrganizationLog } from './find-in-github';

/** The log never had the event, the operator has archived it, or somebody deleted it from the database itself. */
export type Absence = 'never' | 'archived' | 'deleted';

type AbsenceInWords = { title: string; icon: LucideIcon; what: string; text: string };

const ABSENCES: Record<Absence, AbsenceInWords> = {
  never: {
    title: 'No such event',
    icon: SearchX,
    what: 'This workspace’s log has no event with this number',
    text: 'The address may be cut off, or belong to another workspace.',
  },
  archived: {
    title: 'Archived event',
    icon: Archive,
    what: 'This event was archived',
    text: 'It is no longer in the log, and the chain is intact without it. Ask the operator of this service for the archive.',
  },
  deleted: {
    title: 'Missing event',
    icon: ShieldAlert,
    what: 'This event is gone from the log',
    text: 'The log counted an event with this number, and it was removed in the database itself. Export the log and tell the operator of this service.',
  },
};

type EventDrawerProps = {
  /** The event to show; `null` if the workspace has no event with the number in the URL. */
  event: AuditEvent | null;
  /** Why the log has no event with the number in the URL. Ignored if it has one. */
  absence: Absence;
  workspaceSlug: string;
  accounts: AccountNames;
  organizationLog: OrganizationLog | null;
  /** The last uses of the event's address and actor; `null` if they can't be read now. */
  previousUse: PreviousUse | null;
  /** The event's address, for other people. */
  link: string | null;
  /** Returns the log's URL with these filters added. */
  filterHref: (filters: AuditLogAddress) => string;
  eventHref: (seq: number) => string;
  /** The URL of the page without the drawer. */
  closeHref: string;
  /** The URLs that open the next newer and next older event; `null` at that end of the list. */
  newerHref: string | null;
  olderHref: string | null;
};

/** Shows everything about one event, and links to its neighbours in the list, also beyond the end of its page. */
export function EventDrawer(props: EventDrawerProps) {
  const { event, absence, link, closeHref, newerHref, olderHref, ...rest } = props;
  if (event === null)
    return (
      <Drawer title={ABSENCES[absence].title} closeHref={closeHref}>
        <MissingEvent absence={absence} />
      </Drawer>
    );
  const { label, tone } = describeEvent(event);
  return (
    <Drawer
      title={
        <>
          <EventDot tone={tone} />
          {label}
        </>
      }
      closeHref={closeHref}
      returnFocusTo={rowId(event.seq)}
      footer={
        <div className="flex flex-wrap items-center gap-2">
          <CopyButton value={JSON.stringify(event, null, 2)} label="as JSON" withText />
          {link === null ? null : <CopyButton value={link} label="link" withText />}
          <nav aria-label="Events beside this one" className="ml-auto flex gap-2">
            {newerHref ? (
              <ButtonLink size="sm" href={newerHref} data-step="newer" replace scroll={false}>
                <ChevronLeft aria-hidden />
                Newer <span className="sr-only">event</span>
              </ButtonLink>
            ) : null}
            {olderHref ? (
              <ButtonLink size="sm" href={olderHref} data-step="older" replace scroll={false}>
                Older <span className="sr-only">event</span>
                <ChevronRight aria-hidden />
              </ButtonLink>
            ) : null}
          </nav>
        </div>
      }
    >
      <EventDetails event={event} {...rest} />
    </Drawer>
  );
}

export function MissingEvent({ absence }: { absence: Absence }) {
  const { icon, what, text } = ABSENCES[absence];
  return (
    <EmptyState icon={icon} title={what}>
      {text}
    </EmptyState>
  );
}
