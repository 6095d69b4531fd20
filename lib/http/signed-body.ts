import { createHmac, timingSafeEqual } from 'node:crypto';
import { Bulkhead } from '../async';
import { getConfig } from '../config';
import { metrics } from '../observability/metrics';
import { Problem } from '../problem';
import { type RequestContext, readBytes } from './request';

/** GitHub limits a payload to 25 MB. */
const MAX_DELIVERY_BYTES = 25 * 1024 * 1024;

/**
 * Reads a delivery's raw body, verifies GitHub's signature, and passes the body to `work`. A request without a
 * signature is rejected before its body is read.
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
 * Returns whether the signature is the raw body's HMAC-SHA256 under one of the secrets. Compares in constant time.
 *
 * `verify` in `@octokit/webhooks` accepts only text, but the signature covers bytes, and decoding would change bytes
 * that are not UTF-8.
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

/** Returns whether a proxy compressed the body. GitHub itself sends no `Content-Encoding`. */
export function isEncoded(encoding: string | null | undefined): boolean {
  return Boolean(encoding) && encoding?.trim().toLowerCase() !== 'identity';
}

/** A larger body needs a slot. Nearly all deliveries are smaller. */
const LARGE_BYTES = 1024 * 1024;
/**
 * The most large bodies at the same time. Each takes up several times its size in memory while its signature is
 * verified.
 */
export const SLOTS = 6;
/** The most slots for one client, so that a slow client leaves some for GitHub. */
export const SLOTS_OF_CLIENT = 2;
/** The most large bodies of one client that may wait for a slot. */
const WAITING = 16;
/** The longest wait for a slot. GitHub itself waits ten seconds for a response. */
const SLOT_WAIT_MS = 5000;

/**
 * The most bytes that all small bodies together may occupy. Limited because anybody can send one: the signature is
 * verified only at the end.
 */
export const BYTES_IN_FLIGHT = 32 * 1024 * 1024;
/** The most bytes that one client's small bodies may occupy, so that one client cannot lock GitHub out. */
export const BYTES_OF_CLIENT = 8 * 1024 * 1024;

const slots = new Bulkhead({ inAll: SLOTS, each: SLOTS_OF_CLIENT, waiting: WAITING });
const inFlight = { all: 0, of: new Map<string, number>() };

type Sender = {
  maxBytes: number;
  /** The sender's network, which is also the key for rate limits. */
  client: string;
};

/**
 * Reads a body of up to `maxBytes` and passes it to `work`. All bodies together are limited in bytes, so that a flood
 * cannot exhaust memory. Large bodies wait for a slot in order of arrival. Small bodies never wait. A body's real size
 * counts, not its `Content-Length`.
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
