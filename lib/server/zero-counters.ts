import { GITHUB_CAUSES } from '../contract/github-causes';
import { metrics } from '../observability/metrics';
import { PROBLEMS } from '../problem';

/**
 * Sets counters with labels to 0 before their first event. Prometheus sees no increase in a series that begins with 1,
 * so an alert on any increase would miss the first failure after each start.
 */
export function zeroCounters(): void {
  for (const outcome of ['minted', 'denied']) metrics.mints.inc({ outcome }, 0);
  for (const reason of Object.keys(PROBLEMS)) metrics.mintDenials.inc({ reason }, 0);
  for (const outcome of ['handled', 'ignored', 'duplicate', 'refused', 'failed'])
    metrics.webhookDeliveries.inc({ outcome }, 0);
  for (const [cause, { fault }] of Object.entries(GITHUB_CAUSES))
    metrics.githubRefusals.inc({ cause, fault }, 0);
  metrics.syncs.inc({ outcome: 'failed' }, 0);
}
