import { route } from '@/lib/http/route';
import { metrics } from '@/lib/observability/metrics';
import { measureMintingStops } from '@/lib/workspace/minting-stops';

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
    await measureMintingStops();
    const { registry } = metrics;
    return new Response(await registry.metrics(), { headers: { 'content-type': registry.contentType } });
  },
);
