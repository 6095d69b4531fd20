import { createHmac, timingSafeEqual } from 'node:crypto';
import type { EmitterWebhookEventName } from '@octokit/webhooks';

/** `event` or `event.action`, from Octokit's list, so that a misspelt name does not compile. */
export type WebhookEventName = EmitterWebhookEventName;

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
