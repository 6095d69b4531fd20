import { setTimeout as sleep } from 'node:timers/promises';
import type { RequestOrigin } from '../audit/event';
import { confirmEnd, confirmEndSoon, endCheck } from '../installation/confirm-end';
import { log } from '../observability/log';
import { syncInBackground } from '../sync/background-sync';

/**
 * Asks GitHub for the second witness of an end before the delivery is answered, so that an uninstall is usually
 * final by then. If GitHub does not answer in time, a timer asks again.
 */
export async function confirmNow(installationIds: readonly number[], origin: RequestOrigin): Promise<void> {
  await Promise.all(installationIds.map((id) => confirmOne(id, origin)));
}

async function confirmOne(installationId: number, origin: RequestOrigin): Promise<void> {
  const later = () => confirmEndSoon(installationId, origin, (id) => void syncInBackground(id));
  const asked = confirmEnd(installationId, origin).then(
    (verdict) => {
      if (verdict === 'pending') later();
    },
    (error: unknown) => {
      log.warn({ err: error, installationId }, 'an end could not be confirmed yet');
      later();
    },
  );
  await Promise.race([asked, sleep(endCheck.patienceMs, undefined, { ref: false })]);
}
