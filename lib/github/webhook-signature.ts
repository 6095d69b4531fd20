import { createHmac, timingSafeEqual } from 'node:crypto';

/** GitHub's form: `sha256=` and 64 hexadecimal digits. */
const SIGNATURE = /^sha256=[0-9a-f]{64}$/;

/** Whether it can be a signature at all; it costs nothing to ask. */
export function hasSignatureForm(signature: string | null): signature is string {
  return signature !== null && SIGNATURE.test(signature);
}

/**
 * Whether a delivery's `X-Hub-Signature-256` is the HMAC-SHA256 of its raw body with one of the secrets (C12). The
 * comparison is constant in time. Octokit's own `verify` takes a text, and would sign what the bytes decode to.
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
