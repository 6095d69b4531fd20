import { after, NextResponse } from 'next/server';
import { syncInstallation } from '@/lib/connection/sync';
import { MAX_DELIVERY_BYTES, receiveDelivery } from '@/lib/connection/webhooks/receive';
import { readBytes } from '@/lib/http/read-body';
import { route } from '@/lib/http/route';

/** GitHub's deliveries: 202 once the effect is committed; the syncs that it asks for follow. */
export const POST = route({ auth: 'none' }, async ({ request, context }) => {
  const { outcome, toSync } = await receiveDelivery({
    id: request.headers.get('x-github-delivery'),
    event: request.headers.get('x-github-event'),
    signature: request.headers.get('x-hub-signature-256'),
    body: await readBytes(request, MAX_DELIVERY_BYTES),
    origin: context,
  });
  if (toSync.length > 0) after(() => Promise.all(toSync.map(syncInstallation)));
  return NextResponse.json({ outcome }, { status: 202 });
});
