import { ChevronLeft, ChevronRight } from 'lucide-react';
import type { AuditEvent } from '@/lib/contract/audit-event';
import { ButtonLink } from '../ui/button-link';
import { CopyButton } from '../ui/copy-button';
import { Drawer } from '../ui/drawer';
import { type AccountNames, describeEvent } from './describe-event';
import { EventDetails } from './event-details';
import { EventDot } from './event-dot';
import type { EventFilters } from './event-filters';
import { rowId } from './event-table';
import type { OrganizationLog } from './find-in-github';
import { MissingEvent } from './missing-event';

type EventDrawerProps = {
  /** `null`: this workspace has no such event. */
  event: AuditEvent | null;
  /** Whether the log has counted as far as its number. */
  wasThere: boolean;
  accounts: AccountNames;
  organizationLog: OrganizationLog | null;
  filterHref: (filters: EventFilters) => string;
  /** The page without it. */
  closeHref: string;
  /** The drawers of its neighbours in the list; `null` at the list's ends. */
  newerHref: string | null;
  olderHref: string | null;
};

/** All that is known of one event. */
export function EventDrawer({
  event,
  wasThere,
  accounts,
  organizationLog,
  filterHref,
  closeHref,
  newerHref,
  olderHref,
}: EventDrawerProps) {
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
              <ButtonLink size="sm" href={newerHref} replace scroll={false} prefetch={false}>
                <ChevronLeft aria-hidden />
                Newer <span className="sr-only">event</span>
              </ButtonLink>
            ) : null}
            {olderHref ? (
              <ButtonLink size="sm" href={olderHref} replace scroll={false} prefetch={false}>
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
