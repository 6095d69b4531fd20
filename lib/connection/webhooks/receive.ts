import { z } from 'zod';
import type { RequestOrigin } from '../../audit/event';
import { SYSTEM_GITHUB } from '../../auth/actor';
import { getConfig } from '../../config';
import { inTransaction } from '../../db/client';
import { hasSignatureForm, isSignedByGitHub } from '../../github/webhook-signature';
import { metrics } from '../../observability/metrics';
import { Problem } from '../../problem';
import { EFFECTS } from './effects';
import { Payload } from './payload';

export type Delivery = {
  /** `X-GitHub-Delivery`; a redelivery has the same. */
  id: string | null;
  /** `X-GitHub-Event` */
  event: string | null;
  /** `X-Hub-Signature-256` */
  signature: string | null;
  body: Buffer;
  origin: RequestOrigin;
};

/**
 * - `handled`: its effect is committed.
 * - `ignored`: signed, but nothing that we act on.
 * - `duplicate`: it took effect before.
 */
type DeliveryOutcome = 'handled' | 'ignored' | 'duplicate';

/** GitHub caps a payload at 25 MB. */
export const MAX_DELIVERY_BYTES = 25 * 1024 * 1024;

const DELIVERY_ID = /^[\x21-\x7e]{1,100}$/;

/**
 * Verify, then parse, then apply in one transaction with the delivery's id: a second delivery of it finds the id and
 * does nothing, and one whose effect was not committed left no id, so that redelivery repairs it.
 *
 * @returns what became of it, and the installations to sync afterwards
 * @throws {Problem} `webhook_secret_not_configured`, `invalid_signature`, `invalid_request`; or the database's error
 */
export async function receiveDelivery(
  delivery: Delivery,
): Promise<{ outcome: DeliveryOutcome; toSync: number[] }> {
  try {
    const received = await verifyAndApply(delivery);
    metrics.webhookDeliveries.inc({ outcome: received.outcome });
    return received;
  } catch (error) {
    metrics.webhookDeliveries.inc({ outcome: error instanceof Problem ? 'refused' : 'failed' });
    throw error;
  }
}

async function verifyAndApply(delivery: Delivery): Promise<{ outcome: DeliveryOutcome; toSync: number[] }> {
  assertMayBeGitHubs(delivery.signature);
  const { webhookSecrets } = getConfig().github;
  if (!isSignedByGitHub(delivery.body, delivery.signature, webhookSecrets))
    throw new Problem('invalid_signature', 'The signature is missing or wrong.');

  const { id, event } = delivery;
  if (id === null || !DELIVERY_ID.test(id) || event === null)
    throw new Problem('invalid_request', 'X-GitHub-Delivery and X-GitHub-Event are required.');
  const payload = parsePayload(delivery.body.toString('utf8'), event);
  return apply(id, event, payload, delivery.origin);
}

/**
 * What can be refused before a body of up to 25 MB is read.
 *
 * @throws {Problem} `webhook_secret_not_configured`, `invalid_signature`
 */
export function assertMayBeGitHubs(signature: string | null): void {
  if (getConfig().github.webhookSecrets.length === 0)
    throw new Problem(
      'webhook_secret_not_configured',
      'Webhooks are refused until a webhook secret is configured.',
    );
  if (!hasSignatureForm(signature))
    throw new Problem('invalid_signature', 'The signature is missing or wrong.');
}

/** Strict where something follows from it; of an event that has no effect only the form counts. */
function parsePayload(text: string, event: string): Payload {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Problem(
      'invalid_request',
      'The payload is not JSON. Set the webhook’s content type to application/json.',
    );
  }
  const action = z.object({ action: z.string() }).safeParse(value).data?.action;
  if (EFFECTS[`${event}.${action ?? ''}`] === undefined) return action === undefined ? {} : { action };
  const parsed = Payload.safeParse(value);
  if (!parsed.success)
    throw new Problem('invalid_request', 'The payload is not one of GitHub’s.', { cause: parsed.error });
  return parsed.data;
}

function apply(
  id: string,
  event: string,
  payload: Payload,
  origin: RequestOrigin,
): Promise<{ outcome: DeliveryOutcome; toSync: number[] }> {
  const effect = EFFECTS[`${event}.${payload.action ?? ''}`];
  return inTransaction(async (tx) => {
    const outcome = effect === undefined ? 'ignored' : 'handled';
    // A concurrent delivery with this id waits here for the first one, and then inserts nothing.
    const inserted = await tx.$executeRaw`
      INSERT INTO webhook_deliveries (id, event, action, installation_id, outcome)
      VALUES (${id}, ${event.slice(0, 100)}, ${payload.action?.slice(0, 100) ?? null},
        ${payload.installation?.id ?? null}, ${outcome})
      ON CONFLICT (id) DO NOTHING`;
    if (inserted === 0) return { outcome: 'duplicate', toSync: [] };
    const cause = { actor: SYSTEM_GITHUB, origin, noticedBy: 'webhook' } as const;
    return { outcome, toSync: effect === undefined ? [] : await effect(tx, payload, cause) };
  });
}
