import { orNotNow } from '@/app/page-reads';
import { LastEvents } from '@/components/objects/last-events';
import { UsageCard, UsageNotNow } from '@/components/objects/usage-card';
import { listAuditEvents } from '@/lib/audit/list';
import { readUsage, type UsageOf } from '@/lib/audit/usage';
import { auditLogHref } from '@/lib/contract/audit-log-href';

const DAYS = 30;
const EVENTS = 10;

type UseProps = {
  workspace: { id: string; slug: string };
  of: UsageOf;
};

/** Shows to admins how an actor or a connection was used lately, from where, and its last events. */
export async function Use({ workspace: { id, slug }, of }: UseProps) {
  const filter = 'actorId' in of ? { actor: of.actorId } : { installation_id: String(of.installationId) };
  const [usage, events] = await Promise.all([
    orNotNow(readUsage(id, of, DAYS)),
    orNotNow(listAuditEvents(id, { ...filter, limit: EVENTS })),
  ]);
  return (
    <>
      {usage.value === null ? (
        <UsageNotNow why={usage.notNow} />
      ) : (
        <UsageCard
          usage={usage.value}
          logHref={auditLogHref(slug, { ...filter, type: 'github.token_minted' })}
          addressHref={(ip) => auditLogHref(slug, { ...filter, ip })}
        />
      )}
      {events.value === null ? null : (
        <LastEvents
          title="Last events"
          events={events.value.data}
          eventHref={(seq) => auditLogHref(slug, { ...filter, event: String(seq) })}
          logHref={auditLogHref(slug, filter)}
          withActor={'installationId' in of}
        />
      )}
    </>
  );
}
