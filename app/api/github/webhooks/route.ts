import { Received } from '@/lib/contract/operation';
import { route } from '@/lib/http/route';
import { isEncoded } from '@/lib/http/signed-body';
import { syncInBackground } from '@/lib/sync/queue';
import { compareSoon } from '@/lib/sync/reconcile';
import { receiveDelivery } from '@/lib/webhooks/receive';

/**
 * Responds with 202 once the delivery's effect has been committed. If the delivery requests a sync, the sync runs
 * afterwards.
 */
export const POST = route(
  {
    access: 'github',
    direct: 'POST /api/github/webhooks',
    id: 'receiveWebhook',
    tag: 'Connecting',
    summary: 'Receive a GitHub webhook',
    description:
      'JSON, or a form with the field `payload`; up to 25 MB. The answer comes once the effect is committed; a 5xx asks for redelivery. A signed payload is never refused for what it holds: what cannot be read is asked of GitHub.',
    answer: { status: 202, description: 'Applied, or nothing to do.', schema: Received },
    problems: ['invalid_request', 'unsupported_media_type'],
  },
  async ({ request, context, body, later }) => {
    const { outcome, toSync, toCompare } = await receiveDelivery({
      id: request.headers.get('x-github-delivery'),
      event: request.headers.get('x-github-event'),
      body,
      isEncoded: isEncoded(request.headers.get('content-encoding')),
      origin: context,
    });
    // If this process is killed first, reconcile syncs and compares.
    if (toSync.length > 0) later(() => Promise.all(toSync.map(syncInBackground)));
    if (toCompare) later(compareSoon);
    return { outcome };
  },
);
