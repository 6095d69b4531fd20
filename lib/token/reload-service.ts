import type { RequestOrigin, ServiceActor } from '../actor';
import { reloadApiKey } from '../api-keys/key';
import { reloadTrustRule } from '../workload/reload-rule';

/**
 * Reads the API key or the trust rule of a request again, which may have ended or been narrowed since it began.
 *
 * @throws {Problem} `unauthenticated` or `forbidden`, as for a new request
 */
export function reloadService(
  actor: ServiceActor,
  origin: Pick<RequestOrigin, 'clientIp'>,
): Promise<ServiceActor> {
  return actor.type === 'api_key' ? reloadApiKey(actor, origin) : reloadTrustRule(actor);
}
