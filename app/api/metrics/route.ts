import { assertMetricsToken } from '@/lib/auth/operator-secret';
import { route } from '@/lib/http/route';
import { metrics } from '@/lib/observability/metrics';

export const GET = route({ auth: 'none', rateLimit: 'api' }, async ({ request }) => {
  assertMetricsToken(request.headers.get('authorization'));
  const { registry } = metrics;
  return new Response(await registry.metrics(), { headers: { 'content-type': registry.contentType } });
});
