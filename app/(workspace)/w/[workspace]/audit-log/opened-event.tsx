import type { AccountNames } from '@/components/audit-log/describe-event';
import { EventDrawer } from '@/components/audit-log/event-drawer';
import type { EventFilters } from '@/components/audit-log/event-filters';
import { findAuditEvent } from '@/lib/audit/find-event';
import { getConfig } from '@/lib/config';
import type { AuditEvent } from '@/lib/contract/audit-event';
import type { InstallationView } from '@/lib/installation/list';

type OpenedEventProps = {
  workspaceId: string;
  /** Its number, as it stands in the address. */
  seq: string;
  /** Number of the log's last event. */
  lastSeq: number;
  /** What the page lists, newest first: the drawer leads to its neighbours there. */
  listed: AuditEvent[];
  installations: InstallationView[];
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
  installations,
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
      organizationLog={organizationLog(installations, event?.installation_id)}
      filterHref={filterHref}
      closeHref={closeHref}
      newerHref={neighbourHref(index - 1)}
      olderHref={neighbourHref(index + 1)}
    />
  );
}

/** A person's own account has no audit log that GitHub would put tokens into. */
function organizationLog(installations: InstallationView[], id: number | null | undefined) {
  const account = installations.find((installation) => installation.id === id)?.account;
  if (account?.type !== 'Organization') return null;
  const { login } = account;
  return {
    login,
    href: `${getConfig().github.webUrl}/organizations/${encodeURIComponent(login)}/settings/audit-log`,
  };
}
