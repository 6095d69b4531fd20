import { createHmac, timingSafeEqual } from 'node:crypto';
import { Bulkhead } from '../async';
import { getConfig } from '../config';
import { metrics } from '../observability/metrics';
import { Problem } from '../problem';
import { type RequestContext, readBytes } from './request';

/** GitHub caps a payload at 25 MB. */
const MAX_DELIVERY_BYTES = 25 * 1024 * 1024;

/**
 * Reads a delivery's raw body, verifies that GitHub signed it, and works on it while its slot is held. A request without
 * a signature is refused before its body is read.
 *
 * @throws {Problem} `webhook_secret_not_configured`, `invalid_signature`, `payload_too_large`, `overloaded`; or what
 *   `work` throws
 */
export async function withSignedBody<T>(
  request: Request,
  { network }: RequestContext,
  work: (body: Buffer) => Promise<T>,
): Promise<T> {
  const { headers } = request;
  const { webhookSecrets } = getConfig().github;
  if (webhookSecrets.length === 0)
    throw new Problem(
      'webhook_secret_not_configured',
      'Webhooks are refused until a webhook secret is configured.',
    );
  const signature = readSignature(headers.get('x-hub-signature-256'));
  if (signature === undefined) throw new Problem('invalid_signature', 'The signature is missing or wrong.');
  const sender = { maxBytes: MAX_DELIVERY_BYTES, client: network };
  return withLargeBody(request, sender, (body) => {
    if (isSignedByGitHub(body, signature, webhookSecrets)) return work(body);
    metrics.webhookDeliveries.inc({ outcome: 'refused' });
    throw new Problem(
      'invalid_signature',
      isEncoded(headers.get('content-encoding'))
        ? 'The signature is wrong for these bytes. They have a Content-Encoding, which GitHub never sends.'
        : 'The signature is missing or wrong.',
    );
  });
}

/** Matches `sha256=` and 64 hexadecimal digits. */
const SIGNATURE = /^sha256=[0-9a-f]{64}$/;

/** Reads `X-Hub-Signature-256`. @returns the HMAC; `undefined` for a missing or malformed header */
export function readSignature(header: string | null): Buffer | undefined {
  if (header === null || !SIGNATURE.test(header)) return undefined;
  return Buffer.from(header.slice('sha256='.length), 'hex');
}

/**
 * Returns whether the signature is the HMAC-SHA256 of the raw body with one of the secrets. The comparison is constant in
 * time.
 *
 * `verify` of `@octokit/webhooks` accepts text only. A signature is over bytes, and bytes that are not UTF-8 are another
 * text once they are decoded.
 *
 * @param secrets the current secret, and during a rotation the previous one; never empty strings
 * @see https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
 */
export function isSignedByGitHub(body: Buffer, signature: Buffer, secrets: readonly string[]): boolean {
  if (body.length === 0) return false;
  return secrets.some((secret) =>
    timingSafeEqual(createHmac('sha256', secret).update(body).digest(), signature),
  );
}

/** Returns whether a proxy has compressed the body. GitHub itself sends no `Content-Encoding`. */
export function isEncoded(encoding: string | null | undefined): boolean {
  return Boolean(encoding) && encoding?.trim().toLowerCase() !== 'identity';
}

/** Bodies above this size take a slot. Nearly all deliveries are smaller. */
const LARGE_BYTES = 1024 * 1024;
/** Concurrent large bodies. Each takes several times its size while its signature is checked. */
export const SLOTS = 6;
/** Slots of one client, so that a slow client leaves some for GitHub. */
export const SLOTS_OF_CLIENT = 2;
/** Large bodies of one client that may wait for a slot. */
const WAITING = 16;
/** The longest wait for a slot. GitHub waits ten seconds for a response. */
const SLOT_WAIT_MS = 5000;

/** The most bytes of all smaller bodies together. Anybody may send them: a signature is checked at the end. */
export const BYTES_IN_FLIGHT = 32 * 1024 * 1024;
/** The most bytes of one client's smaller bodies, so that one client cannot keep GitHub out. */
export const BYTES_OF_CLIENT = 8 * 1024 * 1024;

const slots = new Bulkhead({ inAll: SLOTS, each: SLOTS_OF_CLIENT, waiting: WAITING });
const inFlight = { all: 0, of: new Map<string, number>() };

type Sender = {
  maxBytes: number;
  /** The sender’s network, in the form that rate limits use as a key. */
  client: string;
};

/**
 * Reads a body that may be large and works on it. All bodies together are bounded in bytes, so that a flood fills no
 * memory. Large bodies without a slot wait for one, in the order of their arrival. Small bodies never wait, whatever
 * their `Content-Length` is.
 *
 * @throws {Problem} `overloaded` when there is no room, `payload_too_large`; or what `work` throws
 */
export async function withLargeBody<T>(
  request: Request,
  { maxBytes, client }: Sender,
  work: (body: Buffer) => Promise<T>,
  slotWaitMs = SLOT_WAIT_MS,
): Promise<T> {
  let held = 0;
  let release: (() => void) | undefined;
  const give = () => {
    inFlight.all -= held;
    const left = (inFlight.of.get(client) ?? 0) - held;
    if (left > 0) inFlight.of.set(client, left);
    else inFlight.of.delete(client);
    held = 0;
  };
  const hold = (bytes: number) => {
    if (release !== undefined) return;
    const ofClient = (inFlight.of.get(client) ?? 0) + bytes;
    if (inFlight.all + bytes > BYTES_IN_FLIGHT || ofClient > BYTES_OF_CLIENT) throw full();
    inFlight.all += bytes;
    inFlight.of.set(client, ofClient);
    held += bytes;
  };
  const enter = async () => {
    release = await slots.enter(client, slotWaitMs);
    if (release === undefined) throw full();
    give();
  };
  try {
    return await work(await readBytes(request, maxBytes, { hold, bytes: LARGE_BYTES, enter }));
  } finally {
    release?.();
    give();
  }
}

function full(): Problem {
  return new Problem('overloaded', 'Too many bodies arrive at the same time. Send it again shortly.');
}
