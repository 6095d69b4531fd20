import type { AccountNames } from '@/components/audit-log/describe-event';
import { type Absence, EventDrawer } from '@/components/audit-log/event-drawer';
import type { ChainHead } from '@/lib/audit/read';
import { getConfig } from '@/lib/config';
import type { AuditEvent } from '@/lib/contract/audit-event';
import type { EventFilters } from '@/lib/contract/audit-log-href';
import type { InstallationView } from '@/lib/installation/list';

type OpenedEventProps = {
  /** The event with that number, if the workspace has one. */
  event: AuditEvent | null;
  /** The event's number as given in the URL, so not validated yet. */
  seq: string;
  /** The log's last event, and its last archived one. */
  head: ChainHead;
  /** The events listed on the page, newest first. The drawer's Newer and Older buttons step through them. */
  listed: AuditEvent[];
  workspaceSlug: string;
  installations: InstallationView[];
  accounts: AccountNames;
  filterHref: (filters: EventFilters) => string;
  closeHref: string;
  eventHref: (seq: number) => string;
};

/** Shows the event named in the URL in a drawer. */
export function OpenedEvent(props: OpenedEventProps) {
  const { event, seq, head, listed, installations, accounts, eventHref, ...hrefs } = props;
  const index = listed.findIndex((each) => each.seq === event?.seq);
  const neighbourHref = (at: number) => {
    const neighbour = index < 0 ? undefined : listed[at];
    return neighbour ? eventHref(neighbour.seq) : null;
  };
  return (
    <EventDrawer
      event={event}
      absence={absenceOf(seq, head)}
      accounts={accounts}
      organizationLog={organizationLog(installations, event?.installation_id)}
      {...hrefs}
      newerHref={neighbourHref(index - 1)}
      olderHref={neighbourHref(index + 1)}
    />
  );
}

/** Says why the log has no event with this number, which comes from the URL. */
function absenceOf(seq: string, { seq: last, archived }: ChainHead): Absence {
  if (!/^[1-9]\d*$/.test(seq) || Number(seq) > last) return 'never';
  return Number(seq) <= archived.seq ? 'archived' : 'deleted';
}

/** Returns the organization's audit log on GitHub, or `null` for a user account, which has no such log. */
function organizationLog(installations: InstallationView[], id: number | null | undefined) {
  const account = installations.find((installation) => installation.id === id)?.account;
  if (account?.type !== 'Organization') return null;
  const { login } = account;
  return {
    login,
    href: `${getConfig().github.webUrl}/organizations/${encodeURIComponent(login)}/settings/audit-log`,
  };
}
