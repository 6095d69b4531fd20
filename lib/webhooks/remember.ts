import type { Transaction } from '../db/client';

/** A stored delivery. `id` and `event` come from headers; only the body is signed. */
export type Remembered = {
  id: string;
  event: string;
  action: string | undefined;
  installationId: number | undefined;
  outcome: 'handled' | 'ignored';
  bodyFingerprint: Uint8Array<ArrayBuffer>;
};

/** `body` is `null` in rows from before bodies were stored. */
type Row = { event: string; body: Uint8Array | null };

const MAX_LENGTH = 100;

/**
 * Stores a delivery in the transaction of its effect. A concurrent delivery with the same id or body waits here.
 *
 * @returns
 * - `new`: it takes effect.
 * - `redelivery`: it took effect before, and nothing is to do.
 * - `replay`: its body took effect under another id. The payload has no second effect, and GitHub is asked instead.
 */
export async function remember(
  tx: Transaction,
  delivery: Remembered,
): Promise<'new' | 'redelivery' | 'replay'> {
  if (await insert(tx, delivery, delivery.id)) return 'new';
  const { id, event, bodyFingerprint } = delivery;
  const [known] = await tx.$queryRaw<Row[]>`
    SELECT event, body_fingerprint AS body FROM webhook_deliveries WHERE id = ${id}`;
  const isSame =
    known?.body === null || (known?.event === event && Buffer.from(known.body).equals(bodyFingerprint));
  if (isSame) return 'redelivery';
  // Another body may have used this id, which must not block the effect. This body is stored under another id.
  const alias = `${id.slice(0, MAX_LENGTH)}#${Buffer.from(bodyFingerprint).toString('hex')}`;
  return (await insert(tx, delivery, alias)) ? 'new' : 'replay';
}

async function insert(tx: Transaction, delivery: Remembered, id: string): Promise<boolean> {
  const { event, action, installationId, outcome, bodyFingerprint } = delivery;
  const inserted = await tx.$executeRaw`
    INSERT INTO webhook_deliveries (id, event, action, installation_id, outcome, body_fingerprint)
    VALUES (${id}, ${event}, ${action?.slice(0, MAX_LENGTH) ?? null}, ${installationId ?? null}, ${outcome}, ${bodyFingerprint})
    ON CONFLICT DO NOTHING`;
  return inserted > 0;
}
