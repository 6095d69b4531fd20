import { expect, it } from 'vitest';
import { GITHUB_CAUSES } from '../contract/github-causes';
import { metrics } from '../observability/metrics';
import { zeroCounters } from './zero-counters';

it('exposes every failure that raises an alert as 0 before it first happens', async () => {
  zeroCounters();
  const text = await metrics.registry.metrics();
  const operatorCauses = Object.entries(GITHUB_CAUSES).filter(([, { fault }]) => fault === 'operator');
  expect(operatorCauses.length).toBeGreaterThan(5);
  for (const [cause] of operatorCauses)
    expect(text).toContain(`pulsestream_github_refusals_total{cause="${cause}",fault="operator"} 0`);
  for (const series of [
    'pulsestream_mints_total{outcome="denied"}',
    'pulsestream_mint_denials_total{reason="audit_unavailable"}',
    'pulsestream_webhook_deliveries_total{outcome="failed"}',
    'pulsestream_webhook_deliveries_total{outcome="refused"}',
    'pulsestream_syncs_total{outcome="failed"}',
    'pulsestream_audit_append_failures_total',
  ])
    expect(text).toContain(`${series} 0`);
});
