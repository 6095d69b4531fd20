import type { Transaction } from '../../db/client';

/** One delivery as it is remembered: `id` and `event` are headers, and only the body is signed. */
export type Remembered = {
  id: string;
  event: string;
  action: string | undefined;
  installationId: number | undefined;
  outcome: 'handled' | 'ignored';
  bodyFingerprint: Uint8Array<ArrayBuffer>;
};

type Row = { id: string; event: string; body_fingerprint: Uint8Array | null };

const MAX_LENGTH = 100;

/**
 * Remembers a delivery in the transaction of its effect. A concurrent delivery with its id or its body waits here for
 * the first one.
 *
 * @returns `new`: it takes effect; `redelivery`: it took effect before, and nothing is to do; `replay`: its body took
 *   effect before under another id, so its payload has no effect again, and GitHub is asked instead
 */
export async function remember(
  tx: Transaction,
  delivery: Remembered,
): Promise<'new' | 'redelivery' | 'replay'> {
  if (await insert(tx, delivery, delivery.id)) return 'new';
  const { id, event, bodyFingerprint } = delivery;
  const rows = await tx.$queryRaw<Row[]>`
    SELECT id, event, body_fingerprint FROM webhook_deliveries
    WHERE id = ${id} OR (event = ${event} AND body_fingerprint = ${bodyFingerprint})`;
  const isSame = (row: Row) =>
    row.body_fingerprint === null ||
    (row.event === event && Buffer.from(row.body_fingerprint).equals(bodyFingerprint));
  if (rows.some((row) => row.id === id && isSame(row))) return 'redelivery';
  if (rows.some((row) => row.id !== id && isSame(row))) return 'replay';
  // The id belongs to another body: whoever sent that one must not keep this one from taking effect.
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
