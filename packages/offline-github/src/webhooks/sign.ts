import { createHmac, randomUUID } from 'node:crypto';
import type { AppSettings } from '../settings';

export interface SignedDelivery {
  headers: Record<string, string>;
  /** The exact bytes that were signed. */
  body: string;
}

/**
 * Returns `sha256=` followed by the hex HMAC of the raw body.
 * https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
 */
export function signature(secret: string, body: string): string {
  return `sha256=${createHmac('sha256', secret).update(body, 'utf8').digest('hex')}`;
}

/**
 * Returns a delivery as GitHub sends it.
 * Headers: https://docs.github.com/en/webhooks/webhook-events-and-payloads#delivery-headers
 */
export function signDelivery(
  settings: AppSettings,
  event: string,
  payload: unknown,
  given: { secret?: string; guid?: string } = {},
): SignedDelivery {
  const body = JSON.stringify(payload);
  return {
    body,
    headers: {
      Accept: '*/*',
      'Content-Type': 'application/json',
      'User-Agent': 'GitHub-Hookshot/10ca1f0',
      'X-GitHub-Delivery': given.guid ?? randomUUID(),
      'X-GitHub-Event': event,
      'X-GitHub-Hook-ID': String(hookId(settings)),
      'X-GitHub-Hook-Installation-Target-ID': String(settings.id),
      'X-GitHub-Hook-Installation-Target-Type': 'integration',
      'X-Hub-Signature-256': signature(given.secret ?? settings.webhookSecret, body),
    },
  };
}

/** Returns the id of the App's only webhook. */
export function hookId(settings: AppSettings): number {
  return 480_000_000 + settings.id;
}
