import { orNotNow } from '@/app/page-reads';
import type { AccountNames } from '@/components/audit-log/describe-event';
import { type Absence, EventDrawer } from '@/components/audit-log/event-drawer';
import { findPreviousUse } from '@/lib/audit/previous-use';
import type { ChainHead } from '@/lib/audit/read';
import { getConfig } from '@/lib/config';
import type { AuditEvent } from '@/lib/contract/audit-event';
import { type AuditLogAddress, auditLogHref } from '@/lib/contract/audit-log-href';
import type { InstallationView } from '@/lib/installation/list';

type OpenedEventProps = {
  /** The event with that number, if the workspace has one. */
  event: AuditEvent | null;
  /** The event's number as given in the URL, so not validated yet. */
  seq: string;
  /** The log's last event, and its last archived one. */
  head: ChainHead;
  workspaceId: string;
  workspaceSlug: string;
  /** The events listed on the page, in its order. The drawer steps through them, and on to the next page. */
  listed: AuditEvent[];
  cursors: { previous: string | null; next: string | null };
  isOldestFirst: boolean;
  installations: InstallationView[];
  accounts: AccountNames;
  /** Returns the log's URL with these parameters instead of its own. */
  hrefOf: (address: AuditLogAddress) => string;
  closeHref: string;
  eventHref: (seq: number) => string;
};

/** Shows the event named in the URL in a drawer. */
export async function OpenedEvent(props: OpenedEventProps) {
  const { event, seq, head, workspaceId, listed, cursors, isOldestFirst, installations, hrefOf, ...rest } =
    props;
  const index = listed.findIndex((each) => each.seq === event?.seq);
  const stepHref = (at: number) => {
    if (index < 0) return null;
    const neighbour = listed[at];
    if (neighbour) return rest.eventHref(neighbour.seq);
    const [cursor, end] = at < 0 ? [cursors.previous, 'last'] : [cursors.next, 'first'];
    return cursor === null ? null : hrefOf({ cursor, event: end });
  };
  const [older, newer] = isOldestFirst ? [index - 1, index + 1] : [index + 1, index - 1];
  const { value: previous } = event ? await orNotNow(findPreviousUse(workspaceId, event)) : { value: null };
  return (
    <EventDrawer
      event={event}
      absence={absenceOf(seq, head)}
      organizationLog={organizationLog(installations, event?.installation_id)}
      previousUse={previous}
      link={
        event && `${getConfig().publicUrl}${auditLogHref(rest.workspaceSlug, { event: String(event.seq) })}`
      }
      filterHref={hrefOf}
      {...rest}
      newerHref={stepHref(newer)}
      olderHref={stepHref(older)}
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
