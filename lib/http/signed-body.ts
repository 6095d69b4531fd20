import { createHmac, timingSafeEqual } from 'node:crypto';
import { Bulkhead } from '../async';
import { getConfig } from '../config';
import { metrics } from '../observability/metrics';
import { Problem } from '../problem';
import { type RequestContext, readBytes } from './request';

/** GitHub's limit on the size of a payload. */
const MAX_DELIVERY_BYTES = 25 * 1024 * 1024;

/**
 * Reads a delivery's raw body, verifies GitHub's signature, and passes the body to `work`. Rejects a request without a
 * signature before reading its body.
 *
 * @throws {Problem} `webhook_secret_not_configured`, `invalid_signature`, `payload_too_large`, `overloaded`; otherwise
 *   whatever `work` throws
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

const SIGNATURE = /^sha256=[0-9a-f]{64}$/;

/**
 * Parses `X-Hub-Signature-256`.
 *
 * @returns the HMAC, or `undefined` for a missing or malformed header
 */
export function readSignature(header: string | null): Buffer | undefined {
  if (header === null || !SIGNATURE.test(header)) return undefined;
  return Buffer.from(header.slice('sha256='.length), 'hex');
}

/**
 * True if the signature is the raw body's HMAC-SHA256 under one of the secrets; false otherwise. Compares in constant
 * time.
 *
 * We can't use `verify` from `@octokit/webhooks`: it accepts only text, and decoding would change any bytes that aren't
 * valid UTF-8, whereas GitHub signs the bytes.
 *
 * @param secrets the current secret, and during a rotation also the previous one; never empty strings
 * @see https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
 */
export function isSignedByGitHub(body: Buffer, signature: Buffer, secrets: readonly string[]): boolean {
  if (body.length === 0) return false;
  return secrets.some((secret) =>
    timingSafeEqual(createHmac('sha256', secret).update(body).digest(), signature),
  );
}

/** True if a proxy has compressed the body; false otherwise. GitHub itself never sends `Content-Encoding`. */
export function isEncoded(encoding: string | null | undefined): boolean {
  return Boolean(encoding) && encoding?.trim().toLowerCase() !== 'identity';
}

/** The size above which a body counts as large and needs a slot. Nearly all deliveries are smaller. */
const LARGE_BYTES = 1024 * 1024;
/**
 * The most large bodies handled at the same time. While its signature is being verified, each takes up several times
 * its size in memory.
 */
export const SLOTS = 6;
/** The most slots for a single client, so a slow client always leaves some for GitHub. */
export const SLOTS_OF_CLIENT = 2;
/** The most large bodies that may wait for a slot per client. */
const WAITING = 16;
/**
 * The longest wait for a slot. It must be well below ten seconds, because that's how long GitHub waits for our
 * response.
 */
const SLOT_WAIT_MS = 5000;

/**
 * The most bytes that all small bodies together may occupy. Anybody can send a body, because the signature can be
 * verified only once the whole body has arrived.
 */
export const BYTES_IN_FLIGHT = 32 * 1024 * 1024;
/** The most bytes that one client's small bodies may occupy, so a single client can't lock GitHub out. */
export const BYTES_OF_CLIENT = 8 * 1024 * 1024;

const slots = new Bulkhead({ inAll: SLOTS, each: SLOTS_OF_CLIENT, waiting: WAITING });
const inFlight = { all: 0, of: new Map<string, number>() };

type Sender = {
  maxBytes: number;
  /** The sender's network, which rate limits count by too. */
  client: string;
};

/**
 * Reads a body of up to `maxBytes` and passes it to `work`. Limits memory, so a flood of bodies can't exhaust it: small
 * bodies share a number of bytes, and large bodies need a slot. Large bodies wait for one in order of arrival; small
 * bodies never wait. The size is counted as the body arrives, whatever its `Content-Length` claims.
 *
 * @throws {Problem} `overloaded` if there is no capacity, `payload_too_large`; otherwise whatever `work` throws
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
