import { route } from '@/lib/http/route';
import { metrics } from '@/lib/observability/metrics';

export const GET = route(
  {
    access: 'metrics',
    limits: { address: 'api' },
    id: 'metrics',
    tag: 'Operation',
    summary: 'Metrics for Prometheus',
    answer: { status: 200, description: 'Prometheus’ text format.', contentTypes: ['text/plain'] },
  },
  async () => {
    const { registry } = metrics;
    return new Response(await registry.metrics(), { headers: { 'content-type': registry.contentType } });
  },
);
