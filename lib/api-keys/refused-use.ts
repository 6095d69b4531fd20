/** Refuses uses of valid keys that a key's networks or its workspace don't allow, and shows them to the admins. */
import type { ApiKeyActor, RequestOrigin } from '../actor';
import { recordAuditEventNow } from '../audit/record';
import type { AuditDetails } from '../contract/audit-types';
import { log } from '../observability/log';
import { metrics } from '../observability/metrics';
import { Problem } from '../problem';
import { takeSlot } from '../rate-limit/limiter';

/** A request's origin, and the network that rate limits count it by (`lib/http/request.ts`). */
export type KeyUse = RequestOrigin & { network: string };

export type RefusedUse = AuditDetails<'api_key.refused'>['reason'];

/** Returns the problem for a refused use. The caller may read the reason, because it holds the key. */
export function refusedUse(reason: RefusedUse, clientIp: string | null): Problem {
  switch (reason) {
    case 'address_not_allowed':
      return new Problem(
        'forbidden',
        `This API key may not be used from ${clientIp ?? 'an unknown address'}.`,
      );
    case 'api_keys_not_allowed':
      return new Problem('forbidden', 'This workspace does not allow API keys. Use a trust rule.');
    default:
      return reason satisfies never;
  }
}

/**
 * Records a refused use in the audit log, where the limits for such events allow that. The use is refused even if it
 * cannot be recorded.
 */
export async function recordRefusedUse(
  { actor, displayPrefix }: { actor: ApiKeyActor; displayPrefix: string },
  reason: RefusedUse,
  { network, ...origin }: KeyUse,
): Promise<void> {
  metrics.apiKeyUsesRefused.inc({ reason });
  // The limit per network comes first, so a client that repeats itself doesn't use up the key's other events.
  if (!(await takeSlot('refused_key_network', `${actor.id} ${network}`))) return;
  if (!(await takeSlot('refused_key', actor.id))) return;
  try {
    await recordAuditEventNow({
      workspaceId: actor.workspace.id,
      type: 'api_key.refused',
      actor,
      origin,
      details: { api_key_id: actor.id, name: actor.label, display_prefix: displayPrefix, reason },
    });
  } catch (error) {
    log.error(
      { err: error, requestId: origin.requestId, api_key_id: actor.id },
      'a refused use of an API key could not be recorded',
    );
  }
}
