import { createHash } from 'node:crypto';
import { type RequestOrigin, SYSTEM_GITHUB } from '../actor';
import { inTransaction, type Transaction } from '../db/client';
import { execute, query, sql } from '../db/sql';
import { requestSyncOnce } from '../installation/transitions';
import { log } from '../observability/log';
import { metrics } from '../observability/metrics';
import { Problem } from '../problem';
import { affectedInstallations, confirmNow, type Effect, effectOf, type FollowUp, NOTHING } from './effects';
import { type Payload, readPayload } from './payload';

export type Delivery = {
  /** `X-GitHub-Delivery`. A redelivery has the same id. Not signed. */
  id: string | null;
  /** `X-GitHub-Event`. Not signed. */
  event: string | null;
  /** The raw body. The route has verified its signature. */
  body: Buffer;
  /** Whether the request has a `Content-Encoding`. GitHub sends none. Not signed. */
  isEncoded?: boolean;
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

/** The longest id, event or action that is stored. */
const MAX_LENGTH = 100;

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
  if (parsed === undefined && delivery.isEncoded)
    throw new Problem('unsupported_media_type', 'Send the body as it is: no Content-Encoding can be read.');
  if (parsed === undefined) {
    log.warn({ delivery: id, event }, 'a signed delivery could not be read; GitHub is asked instead');
    return { ...NOTHING, outcome: 'ignored', toCompare: true };
  }
  const { payload, odd } = readPayload(parsed.value);
  const effect = effectOf(event, payload);
  if (effect !== undefined && odd.length > 0)
    log.warn(
      {
        delivery: id,
        event,
        action: payload.action?.slice(0, MAX_LENGTH),
        odd: odd.slice(0, MAX_NAMED),
        count: odd.length,
      },
      'parts of a delivery could not be read and were left out',
    );
  const stored = {
    id,
    event: event.slice(0, MAX_LENGTH),
    action: payload.action?.slice(0, MAX_LENGTH),
    installationId: payload.installation?.id,
    outcome: effect === undefined ? 'ignored' : 'handled',
    bodyFingerprint: hashBody(delivery.body),
  } as const;
  return apply(stored, payload, effect, delivery.origin);
}

function apply(
  delivery: StoredDelivery,
  payload: Payload,
  effect: Effect | undefined,
  origin: RequestOrigin,
): Promise<{ outcome: DeliveryOutcome } & FollowUp> {
  const { outcome } = delivery;
  return inTransaction(async (tx) => {
    const seen = await remember(tx, delivery);
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

/**
 * Parses a delivery's body: JSON, or a form whose field `payload` is JSON. The body decides, because `Content-Type`
 * is not signed, and JSON never parses as such a form.
 *
 * @returns `undefined` for a body that is neither
 */
function parseBody(body: Buffer): { value: unknown } | undefined {
  const text = body.toString('utf8');
  return parseJson(text) ?? parseJson(new URLSearchParams(text).get('payload') ?? '');
}

function parseJson(text: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

/** Returns the SHA-256 of the raw body, which the signature covers. */
function hashBody(body: Buffer): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(createHash('sha256').update(body).digest());
}

/** A stored delivery. `id` and `event` come from headers; only the body is signed. */
type StoredDelivery = {
  id: string;
  event: string;
  action: string | undefined;
  installationId: number | undefined;
  outcome: 'handled' | 'ignored';
  bodyFingerprint: Uint8Array<ArrayBuffer>;
};

/** `body` is `null` in rows from before bodies were stored. */
type Row = { event: string; body: Uint8Array | null };

/**
 * Stores a delivery in the transaction of its effect. A concurrent delivery with the same id or body waits here.
 *
 * @returns
 * - `new`: it takes effect.
 * - `redelivery`: it took effect before, and nothing is to do.
 * - `replay`: its body took effect under another id. The payload has no second effect, and GitHub is asked instead.
 */
async function remember(tx: Transaction, delivery: StoredDelivery): Promise<'new' | 'redelivery' | 'replay'> {
  if (await insertDelivery(tx, delivery)) return 'new';
  const { id, event, bodyFingerprint } = delivery;
  const [known] = await query(
    tx,
    sql<Row>`SELECT event, body_fingerprint AS body FROM webhook_deliveries WHERE id = ${id}`,
  );
  const isSame =
    known?.body === null || (known?.event === event && Buffer.from(known.body).equals(bodyFingerprint));
  if (isSame) return 'redelivery';
  // Another body may have used this id, which must not block the effect. This body is stored under another id.
  const alias = `${id}#${Buffer.from(bodyFingerprint).toString('hex')}`;
  return (await insertDelivery(tx, { ...delivery, id: alias })) ? 'new' : 'replay';
}

async function insertDelivery(tx: Transaction, delivery: StoredDelivery): Promise<boolean> {
  const { id, event, action, installationId, outcome, bodyFingerprint } = delivery;
  const inserted = await execute(
    tx,
    sql`
      INSERT INTO webhook_deliveries (id, event, action, installation_id, outcome, body_fingerprint)
      VALUES (${id}, ${event}, ${action ?? null}, ${installationId ?? null}, ${outcome}, ${bodyFingerprint})
      ON CONFLICT DO NOTHING`,
  );
  return inserted > 0;
}
