import { assertCronSecret } from '@/lib/auth/operator-secret';
import { NoBody, readJson } from '@/lib/http/read-body';
import { route } from '@/lib/http/route';
import { reconcile } from '@/lib/sync/reconcile';

/** One pass, for deployments that prefer a cron job to the loop in the process. */
export const POST = route({ auth: 'none', rateLimit: 'api' }, async ({ request }) => {
  assertCronSecret(request.headers.get('authorization'));
  await readJson(request, NoBody);
  return reconcile();
});
