import { Webhooks } from '@octokit/webhooks';

/** GitHub's form: `sha256=` and 64 hexadecimal digits. */
const SIGNATURE = /^sha256=[0-9a-f]{64}$/;

/** Whether it can be a signature at all; it costs nothing to ask. */
export function hasSignatureForm(signature: string | null): signature is string {
  return signature !== null && SIGNATURE.test(signature);
}

/**
 * Whether a delivery's `X-Hub-Signature-256` is the HMAC-SHA256 of its raw body with one of the secrets (C12). The
 * comparison is constant in time.
 *
 * @param secrets the current secret, and during a rotation the previous one; never empty strings
 * @see https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
 */
export async function isSignedByGitHub(
  body: string,
  signature: string | null,
  secrets: readonly string[],
): Promise<boolean> {
  if (!hasSignatureForm(signature) || body === '') return false;
  for (const secret of secrets) if (await new Webhooks({ secret }).verify(body, signature)) return true;
  return false;
}
