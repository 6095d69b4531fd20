import { SYSTEM_GITHUB } from '../actor';
import type { RequestOrigin } from '../audit/event';
import { inTransaction, type Transaction } from '../db/client';
import { requestSyncOnce } from '../installation/transitions';
import { log } from '../observability/log';
import { metrics } from '../observability/metrics';
import { Problem } from '../problem';
import { affectedInstallations } from './affected';
import { confirmNow } from './confirm-now';
import { type Effect, effectOf, type FollowUp, NOTHING } from './effects';
import { type Payload, readPayload } from './payload';
import { hashBody, isEncoded, parseBody } from './read-body';
import { remember } from './remember';

export type Delivery = {
  /** `X-GitHub-Delivery`. A redelivery has the same id. Not signed. */
  id: string | null;
  /** `X-GitHub-Event`. Not signed. */
  event: string | null;
  /** The raw body. The route has verified its signature. */
  body: Buffer;
  /** `Content-Encoding`. GitHub sends none. Not signed. */
  encoding?: string | null;
  origin: RequestOrigin;
};

/**
 * - `handled`: its effect is committed.
 * - `ignored`: it is signed, but has no effect here.
 * - `duplicate`: it took effect before.
 */
type DeliveryOutcome = 'handled' | 'ignored' | 'duplicate';

type Received = { outcome: DeliveryOutcome; toSync: number[]; toCompare: boolean };

const DELIVERY_ID = /^[\x21-\x7e]{1,100}$/;

const MAX_EVENT_LENGTH = 100;

/** The most unreadable fields that the log names. It always gives the number. */
const MAX_NAMED = 20;

/**
 * Parses a signed delivery, then applies it in one transaction with its id and the hash of its body. A second delivery
 * of either does nothing. An effect that was not committed leaves no trace, so a redelivery repairs it. The content of a
 * signed body is never an error: unreadable parts are asked of GitHub.
 *
 * @returns the outcome, the installations to sync afterwards, and whether to compare with GitHub's list
 * @throws {Problem} `invalid_request` without GitHub's headers, `unsupported_media_type` for a signed body that was
 *   compressed on its way; or the database's error
 */
export async function receiveDelivery(delivery: Delivery): Promise<Received> {
  try {
    const { outcome, toConfirm, ...received } = await parseAndApply(delivery);
    metrics.webhookDeliveries.inc({ outcome });
    await confirmNow(toConfirm, delivery.origin);
    return { outcome, ...received };
  } catch (error) {
    metrics.webhookDeliveries.inc({ outcome: error instanceof Problem ? 'refused' : 'failed' });
    throw error;
  }
}

async function parseAndApply(delivery: Delivery): Promise<{ outcome: DeliveryOutcome } & FollowUp> {
  const { id, event } = delivery;
  if (id === null || !DELIVERY_ID.test(id) || event === null)
    throw new Problem('invalid_request', 'X-GitHub-Delivery and X-GitHub-Event are required.');
  const parsed = parseBody(delivery.body);
  if (parsed === undefined && isEncoded(delivery.encoding))
    throw new Problem('unsupported_media_type', 'Send the body as it is: no Content-Encoding can be read.');
  if (parsed === undefined) {
    log.warn({ delivery: id, event }, 'a signed delivery could not be read; GitHub is asked instead');
    return { ...NOTHING, outcome: 'ignored', toCompare: true };
  }
  const bodyFingerprint = hashBody(delivery.body);
  const { payload, odd } = readPayload(parsed.value);
  const effect = effectOf(event, payload);
  if (effect !== undefined && odd.length > 0)
    log.warn(
      {
        delivery: id,
        event,
        action: payload.action?.slice(0, 100),
        odd: odd.slice(0, MAX_NAMED),
        count: odd.length,
      },
      'parts of a delivery could not be read and were left out',
    );
  return apply({
    id,
    event: event.slice(0, MAX_EVENT_LENGTH),
    payload,
    bodyFingerprint,
    effect,
    origin: delivery.origin,
  });
}

type Readable = {
  id: string;
  event: string;
  payload: Payload;
  bodyFingerprint: Uint8Array<ArrayBuffer>;
  effect: Effect | undefined;
  origin: RequestOrigin;
};

function apply(delivery: Readable): Promise<{ outcome: DeliveryOutcome } & FollowUp> {
  const { id, event, payload, bodyFingerprint, effect, origin } = delivery;
  return inTransaction(async (tx) => {
    const outcome = effect === undefined ? 'ignored' : 'handled';
    const { action, installation } = payload;
    const seen = await remember(tx, {
      id,
      event,
      action,
      installationId: installation?.id,
      outcome,
      bodyFingerprint,
    });
    if (seen === 'redelivery') return { ...NOTHING, outcome: 'duplicate' };
    if (effect === undefined) return { ...NOTHING, outcome: seen === 'replay' ? 'duplicate' : outcome };
    if (seen === 'replay') return { ...(await compareReplayed(tx, payload)), outcome: 'duplicate' };
    const cause = { actor: SYSTEM_GITHUB, origin, noticedBy: 'webhook' } as const;
    return { ...(await effect(tx, payload, cause)), outcome };
  });
}

/** The shortest time between two syncs that replayed deliveries cause. The next reconcile pass does the rest. */
const QUIET_SECONDS = 30;

/**
 * Compares with GitHub after a replay. GitHub may send the same body twice when something happened, was undone and
 * happened again, so the payload has no second effect but the stored state is checked.
 */
async function compareReplayed(tx: Transaction, payload: Payload): Promise<FollowUp> {
  const toSync: number[] = [];
  for (const id of await affectedInstallations(tx, payload))
    if (await requestSyncOnce(tx, id, QUIET_SECONDS)) toSync.push(id);
  return { ...NOTHING, toSync };
}
