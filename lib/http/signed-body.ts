import { getConfig } from '../config';
import { hasSignatureForm, isSignedByGitHub } from '../github/webhook-signature';
import { metrics } from '../observability/metrics';
import { Problem } from '../problem';
import { rateLimitKey } from '../rate-limit/limiter';
import { isEncoded } from '../webhooks/read-body';
import { withLargeBody } from './large-body';
import type { RequestContext } from './request-context';

/** GitHub caps a payload at 25 MB. */
const MAX_DELIVERY_BYTES = 25 * 1024 * 1024;

/**
 * Reads a delivery's raw body, verifies that GitHub signed it, and works on it while its room is held. A request without
 * a signature is refused before its body is read.
 *
 * @throws {Problem} `webhook_secret_not_configured`, `invalid_signature`, `payload_too_large`, `overloaded`; or what
 *   `work` throws
 */
export async function withSignedBody<T>(
  request: Request,
  { clientIp }: RequestContext,
  work: (body: Buffer) => Promise<T>,
): Promise<T> {
  const { headers } = request;
  const { webhookSecrets } = getConfig().github;
  if (webhookSecrets.length === 0)
    throw new Problem(
      'webhook_secret_not_configured',
      'Webhooks are refused until a webhook secret is configured.',
    );
  const signature = headers.get('x-hub-signature-256');
  if (!hasSignatureForm(signature))
    throw new Problem('invalid_signature', 'The signature is missing or wrong.');
  const sender = { maxBytes: MAX_DELIVERY_BYTES, client: rateLimitKey(clientIp) };
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
