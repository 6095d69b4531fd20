import { checkWebhook } from './check';
import type { Complaints } from './complaints';

/** Holds a webhook to GitHub's description, before it is sent. */
export function observeWebhook(
  complaints: Complaints,
  event: string,
  payload: Parameters<typeof checkWebhook>[1],
): void {
  const { action } = payload;
  const name = typeof action === 'string' ? `${event}.${action}` : event;
  complaints.addAll('webhook', name, checkWebhook(event, payload));
}
