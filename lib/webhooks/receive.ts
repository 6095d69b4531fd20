import { createHash } from 'node:crypto';
import { type RequestOrigin, SYSTEM_GITHUB } from '../actor';
import {
  constantSql,
  type Database,
  execute,
  frequent,
  inStatements,
  query,
  type Sql,
  type Statements,
  sql,
} from '../db/sql';
import { type Cause, inTurn, requestSyncOnce } from '../installation/transitions';
import { log } from '../observability/log';
import { metrics } from '../observability/metrics';
import { Problem } from '../problem';
import { affectedInstallations, confirmNow, type Effect, effectOf, type FollowUp, NOTHING } from './effects';
import { type Payload, readPayload } from './payload';

export type Delivery = {
  /** `X-GitHub-Delivery`. A redelivery has the same id. The header is not signed. */
  id: string | null;
  /** `X-GitHub-Event`. The header is not signed. */
  event: string | null;
  /** The raw body. The route handler has already verified its signature. */
  body: Buffer;
  /** True if the request has a `Content-Encoding`, which GitHub never sends. The header is not signed. */
  isEncoded?: boolean;
  origin: RequestOrigin;
};

/**
 * - `handled`: the webhook's changes have been committed.
 * - `ignored`: the webhook is signed, but changes nothing here.
 * - `duplicate`: the webhook had already been received.
 */
type DeliveryOutcome = 'handled' | 'ignored' | 'duplicate';

type Received = { outcome: DeliveryOutcome; toSync: number[]; toCompare: boolean };

const DELIVERY_ID = /^[\x21-\x7e]{1,100}$/;

/** The maximum length of a stored event or action, in characters. */
const MAX_LENGTH = 100;

/** Cap on the invalid fields that the log names. The log always states their total number. */
const MAX_NAMED = 20;

/**
 * Parses a signed webhook and applies it. Its id and the hash of its body are stored in the same transaction, so if
 * that fails, a redelivery can still be applied. A second webhook with the same id or body isn't applied, but a
 * replayed body makes the app sync with GitHub. A signed body is never rejected for its content: whatever we can't
 * parse, we fetch from GitHub instead.
 *
 * @returns the outcome, the installations to sync afterwards, and whether to compare with GitHub's list
 * @throws {Problem} `invalid_request` if GitHub's headers are missing or invalid; `unsupported_media_type` if a proxy
 *   compressed the body
 * @throws the database's error
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
  const work = () => apply(stored, payload, effect, delivery.origin);
  const { installation } = payload;
  return effect === undefined || installation === undefined ? work() : inTurn(installation.id, work);
}

type Applied = { outcome: DeliveryOutcome } & FollowUp;

/**
 * Stores a delivery together with its effect. That takes one statement if there is no effect or a frequent one.
 * Otherwise, it takes a transaction whose first round trip stores the delivery and begins its effect. If the id or body
 * is stored already, nothing changes, and a second transaction tells a redelivery from a replay.
 */
async function apply(
  delivery: StoredDelivery,
  payload: Payload,
  effect: Effect | undefined,
  origin: RequestOrigin,
): Promise<Applied> {
  const { outcome } = delivery;
  if (effect === undefined)
    return { ...NOTHING, outcome: (await remember('work', delivery)) === 'new' ? outcome : 'duplicate' };
  const cause = { actor: SYSTEM_GITHUB, origin, noticedBy: 'webhook' } as const;
  const followUp = await applyIfNew(delivery, payload, effect, cause);
  if (followUp !== undefined) return { ...followUp, outcome };
  return inStatements(async (tx) => {
    const seen = await remember(tx, delivery);
    if (seen === 'redelivery') return { ...NOTHING, outcome: 'duplicate' };
    if (seen === 'replay') return { ...(await compareReplayed(tx, payload)), outcome: 'duplicate' };
    return { ...(await applyEffect(tx, payload, effect, cause)), outcome };
  });
}

/** Rolls back the transaction of a delivery whose id or body is stored already. */
const STORED_ALREADY = new Error('the delivery is stored already');

/** @returns `undefined` if the delivery's id or body is stored already, in which case nothing has changed */
async function applyIfNew(
  delivery: StoredDelivery,
  payload: Payload,
  effect: Effect,
  cause: Cause,
): Promise<FollowUp | undefined> {
  if ('parts' in effect) {
    return applyParts('work', insertOf(delivery), payload, effect);
  }
  try {
    return await inStatements(async (tx) => {
      const stored = insertDelivery(tx, delivery);
      const [isNew, followUp] = await Promise.all([stored, effect.steps(tx, payload, cause)]);
      if (!isNew) throw STORED_ALREADY;
      return followUp;
    });
  } catch (error) {
    if (error === STORED_ALREADY) return undefined;
    throw error;
  }
}

async function applyEffect(
  tx: Statements,
  payload: Payload,
  effect: Effect,
  cause: Cause,
): Promise<FollowUp> {
  if ('steps' in effect) return effect.steps(tx, payload, cause);
  return (await applyParts(tx, sql`SELECT ''::text AS id`, payload, effect)) ?? NOTHING;
}

/**
 * Runs an effect's parts after `remembered`, which either stores the delivery or stands in for a delivery that is
 * stored already.
 *
 * @returns `undefined` if `remembered` has no row, in which case nothing has changed
 */
async function applyParts(
  db: Database,
  remembered: Sql,
  payload: Payload,
  { parts, followUp }: Exclude<Effect, { steps: unknown }>,
): Promise<FollowUp | undefined> {
  const [row] = await query(
    db,
    frequent(sql<{ is_new: boolean; ids: bigint[]; at: Date }>`
      WITH remembered AS (${remembered}), ${parts(payload)}
      SELECT EXISTS (SELECT FROM remembered) AS is_new, ARRAY(SELECT id FROM affected ORDER BY id) AS ids,
        now()::timestamptz(3) AS at`),
  );
  return row?.is_new === true ? followUp(row.ids.map(Number), row.at) : undefined;
}

/**
 * The minimum time between an installation's last sync and a sync caused by a replay. Sooner syncs are left to the next
 * reconcile pass.
 */
const QUIET_SECONDS = 30;

/**
 * Requests syncs after a replay. GitHub itself may send the same body twice, if something happened, was undone and
 * happened again. We must not apply the payload again, so the syncs fetch GitHub's current state instead.
 */
async function compareReplayed(tx: Statements, payload: Payload): Promise<FollowUp> {
  const toSync: number[] = [];
  for (const id of await affectedInstallations(tx, payload))
    if (await requestSyncOnce(tx, id, QUIET_SECONDS)) toSync.push(id);
  return { ...NOTHING, toSync };
}

/**
 * Parses a webhook's body, which is JSON or a form with JSON in the field `payload`. The format is detected from the
 * body, because `Content-Type` is not signed. JSON is tried first, because a form is never valid JSON.
 *
 * @returns `undefined` for any other body
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

/** Returns the SHA-256 of the raw body, which is what the signature covers. */
function hashBody(body: Buffer): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(createHash('sha256').update(body).digest());
}

/** A webhook to store. `id` and `event` come from headers, which are not signed. Only the body is signed. */
type StoredDelivery = {
  id: string;
  event: string;
  action: string | undefined;
  installationId: number | undefined;
  outcome: 'handled' | 'ignored';
  bodyFingerprint: Uint8Array<ArrayBuffer>;
};

/** `body` is the body's hash; `null` in rows written before hashes were stored. */
type Row = { event: string; body: Uint8Array | null };

/**
 * Stores a webhook, in the same transaction as its effect if there is one. A concurrent webhook with the same id or
 * body waits here.
 *
 * @returns
 * - `new`: the webhook has not been received before, so it must be applied.
 * - `redelivery`: the same webhook has already been received, so there is nothing to do.
 * - `replay`: the same body has already been received under another id, so the payload must not be applied again.
 */
async function remember(db: Database, delivery: StoredDelivery): Promise<'new' | 'redelivery' | 'replay'> {
  if (await insertDelivery(db, delivery)) return 'new';
  const { id, event, bodyFingerprint } = delivery;
  const [known] = await query(
    db,
    sql<Row>`SELECT event, body_fingerprint AS body FROM webhook_deliveries WHERE id = ${id}`,
  );
  const isSame =
    known?.body === null || (known?.event === event && Buffer.from(known.body).equals(bodyFingerprint));
  if (isSame) return 'redelivery';
  // The id isn't signed, so somebody may have sent a different body under it first. That must not block the real
  // webhook, so store the real webhook under another id.
  const alias = `${id}#${Buffer.from(bodyFingerprint).toString('hex')}`;
  return (await insertDelivery(db, { ...delivery, id: alias })) ? 'new' : 'replay';
}

async function insertDelivery(db: Database, delivery: StoredDelivery): Promise<boolean> {
  return (await execute(db, frequent(insertOf(delivery)))) > 0;
}

/**
 * Makes the database give up on a lock before the app does. Otherwise the statement would keep waiting after the lane's
 * lease has closed its connection, and would commit although the response was 503. The redelivery would then be a
 * duplicate, so nobody would confirm an uninstall. A delivery waits for at most three locks, which is less than the
 * lease. GitHub waits ten seconds for the response.
 */
const GIVE_UP = constantSql(`set_config('lock_timeout', '10000', true) <> ''`);

function insertOf({ id, event, action, installationId, outcome, bodyFingerprint }: StoredDelivery): Sql {
  return sql`
    INSERT INTO webhook_deliveries (id, event, action, installation_id, outcome, body_fingerprint)
    SELECT ${id}, ${event}, ${action ?? null}, ${installationId ?? null}::bigint, ${outcome}, ${bodyFingerprint}::bytea
    WHERE ${GIVE_UP}
    ON CONFLICT DO NOTHING RETURNING id`;
}
