import { createHmac, timingSafeEqual } from 'node:crypto';
import type { EmitterWebhookEventName } from '@octokit/webhooks';

/** `event` or `event.action`, by Octokit's list: a misspelt name does not compile. */
export type WebhookEventName = EmitterWebhookEventName;

/** Matches `sha256=` and 64 hexadecimal digits. */
const SIGNATURE = /^sha256=[0-9a-f]{64}$/;

/** Returns whether the text has the form of a signature, before a body is read. */
export function hasSignatureForm(signature: string | null): signature is string {
  return signature !== null && SIGNATURE.test(signature);
}

/**
 * Returns whether `X-Hub-Signature-256` is the HMAC-SHA256 of the raw body with one of the secrets. The comparison is
 * constant in time.
 *
 * `verify` of `@octokit/webhooks` accepts text only. A signature is over bytes, and bytes that are not UTF-8 are another
 * text once they are decoded.
 *
 * @param secrets the current secret, and during a rotation the previous one; never empty strings
 * @see https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
 */
export function isSignedByGitHub(
  body: Buffer,
  signature: string | null,
  secrets: readonly string[],
): boolean {
  if (!hasSignatureForm(signature) || body.length === 0) return false;
  const given = Buffer.from(signature.slice('sha256='.length), 'hex');
  return secrets.some((secret) => timingSafeEqual(createHmac('sha256', secret).update(body).digest(), given));
}
