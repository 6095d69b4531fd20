import { ChevronLeft, ChevronRight, SearchX, ShieldAlert } from 'lucide-react';
import type { AuditEvent } from '@/lib/contract/audit-event';
import { ButtonLink } from '../ui/button-link';
import { CopyButton } from '../ui/copy-button';
import { Drawer } from '../ui/drawer';
import { EmptyState } from '../ui/empty-state';
import { type AccountNames, describeEvent } from './describe-event';
import { EventDetails } from './event-details';
import type { EventFilters } from './event-filters';
import { EventDot, rowId } from './event-table';
import type { OrganizationLog } from './find-in-github';

type EventDrawerProps = {
  /** The event to show; `null` if the workspace has no event with the number in the URL. */
  event: AuditEvent | null;
  /**
   * Whether the log has already assigned the number in the URL. If so, a missing event means that it was deleted from
   * the database.
   */
  wasThere: boolean;
  accounts: AccountNames;
  organizationLog: OrganizationLog | null;
  filterHref: (filters: EventFilters) => string;
  /** The URL of the page without the drawer. */
  closeHref: string;
  /** The URLs that open the next newer and next older event; `null` at that end of the list. */
  newerHref: string | null;
  olderHref: string | null;
};

/** Shows everything about one event, and links to its neighbours in the list. */
export function EventDrawer(props: EventDrawerProps) {
  const { event, wasThere, accounts, organizationLog, filterHref, closeHref, newerHref, olderHref } = props;
  if (event === null)
    return (
      <Drawer title={wasThere ? 'Missing event' : 'No such event'} closeHref={closeHref}>
        <MissingEvent wasThere={wasThere} />
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
          <nav aria-label="Events beside this one" className="ml-auto flex gap-2">
            {newerHref ? (
              <ButtonLink size="sm" href={newerHref} replace scroll={false}>
                <ChevronLeft aria-hidden />
                Newer <span className="sr-only">event</span>
              </ButtonLink>
            ) : null}
            {olderHref ? (
              <ButtonLink size="sm" href={olderHref} replace scroll={false}>
                Older <span className="sr-only">event</span>
                <ChevronRight aria-hidden />
              </ButtonLink>
            ) : null}
          </nav>
        </div>
      }
    >
      <EventDetails
        event={event}
        accounts={accounts}
        organizationLog={organizationLog}
        filterHref={filterHref}
      />
    </Drawer>
  );
}

/**
 * @param wasThere whether the log ever assigned this number. If it did, someone deleted the event from the database
 *   itself.
 */
function MissingEvent({ wasThere }: { wasThere: boolean }) {
  return wasThere ? (
    <EmptyState icon={ShieldAlert} title="This event is gone from the log">
      The log counted an event with this number, and it is not there any more: it was removed in the database
      itself. Export the log and tell whoever operates this service.
    </EmptyState>
  ) : (
    <EmptyState icon={SearchX} title="This workspace’s log has no event with this number">
      The address may be cut off, or belong to another workspace.
    </EmptyState>
  );
}
