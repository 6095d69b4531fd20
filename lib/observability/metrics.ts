/**
 * Defines the metrics for `GET /api/metrics`. Labels take only a small, fixed set of values. They never contain an id,
 * a name or anything chosen by a client.
 */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { onePerProcess } from '../async';

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

const MISNAMED = [
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
];

function createMetrics() {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  // These gauges end in `_total`, as only counters may. They repeat the sum of a gauge with the same name without it.
  for (const name of MISNAMED) registry.removeSingleMetric(name);
  return {
    registry,
    httpRequests: new Counter({
      registers,
      name: 'pulsestream_http_requests_total',
      help: 'Requests to route handlers, by route template',
      labelNames: ['route', 'method', 'status'] as const,
    }),
    httpSeconds: new Histogram({
      registers,
      name: 'pulsestream_http_request_duration_seconds',
      help: 'Time to the beginning of the answer',
      labelNames: ['route', 'method'] as const,
      buckets: SECONDS,
    }),
    mints: new Counter({
      registers,
      name: 'pulsestream_mints_total',
      help: 'Asked-for tokens: minted or denied',
      labelNames: ['outcome'] as const,
    }),
    mintDenials: new Counter({
      registers,
      name: 'pulsestream_mint_denials_total',
      help: 'Denied mints by the code that the caller was told',
      labelNames: ['reason'] as const,
    }),
    apiKeyUsesRefused: new Counter({
      registers,
      name: 'pulsestream_api_key_uses_refused_total',
      help: 'Uses of a valid API key that its networks or its workspace did not allow',
      labelNames: ['reason'] as const,
    }),
    mintingStops: new Gauge({
      registers,
      name: 'pulsestream_minting_stops',
      help: 'Stops in force that the operator made; read from the database at each scrape, none if it does not answer',
      labelNames: ['scope'] as const,
    }),
    workloadTokens: new Counter({
      registers,
      name: 'pulsestream_workload_tokens_total',
      help: 'Identity tokens by issuer (untrusted for any other) and result: accepted, unverifiable (the issuer cannot be read), or the refusal',
      labelNames: ['issuer', 'result'] as const,
    }),
    webhookDeliveries: new Counter({
      registers,
      name: 'pulsestream_webhook_deliveries_total',
      help: 'Deliveries: handled, ignored, duplicate, refused (signature, form), failed (to be redelivered)',
      labelNames: ['outcome'] as const,
    }),
    rateLimitDegraded: new Gauge({
      registers,
      name: 'pulsestream_rate_limit_degraded',
      help: '1 while limits are counted in this process because Redis does not answer',
    }),
    secretsRefused: new Gauge({
      registers,
      name: 'pulsestream_secrets_refused',
      help: '1 while a changed secret file is not used, because its new content does not work',
    }),
    rateLimited: new Counter({
      registers,
      name: 'pulsestream_rate_limited_total',
      help: 'Requests over their limit',
      labelNames: ['policy'] as const,
    }),
    githubCalls: new Counter({
      registers,
      name: 'pulsestream_github_calls_total',
      help: 'Calls to GitHub; outcome is ok or the kind of failure, asked is no when GitHub was spared',
      labelNames: ['route', 'outcome', 'asked'] as const,
    }),
    githubSeconds: new Histogram({
      registers,
      name: 'pulsestream_github_call_duration_seconds',
      help: 'Time that GitHub took, without the wait for a place',
      labelNames: ['route'] as const,
      buckets: SECONDS,
    }),
    githubDown: new Gauge({
      registers,
      name: 'pulsestream_github_down',
      help: '1 while calls of a class fail immediately because GitHub does not answer; host is api or, where it is another one, web',
      labelNames: ['host', 'class'] as const,
    }),
    githubLeftAlone: new Gauge({
      registers,
      name: 'pulsestream_github_left_alone',
      help: 'Installations and users whose calls of a class fail immediately because GitHub failed for them',
      labelNames: ['host', 'class'] as const,
    }),
    githubRefusals: new Counter({
      registers,
      name: 'pulsestream_github_refusals_total',
      help: 'What GitHub did not do, by cause; fault operator is an alarm',
      labelNames: ['cause', 'fault'] as const,
    }),
    syncs: new Counter({
      registers,
      name: 'pulsestream_syncs_total',
      help: 'Syncs of an installation by outcome',
      labelNames: ['outcome'] as const,
    }),
    auditAppendFailures: new Counter({
      registers,
      name: 'pulsestream_audit_append_failures_total',
      help: 'Audit events that could not be written; what they tell of did not happen, or was undone',
    }),
    auditChains: new Gauge({
      registers,
      name: 'pulsestream_audit_chains',
      help: 'Audit chains at the last anchor',
    }),
    auditChainEvents: new Gauge({
      registers,
      name: 'pulsestream_audit_chain_events',
      help: 'Events of all audit chains at the last anchor',
    }),
    auditHeadsDigest: new Gauge({
      registers,
      name: 'pulsestream_audit_heads_digest',
      help: 'First 48 bits of the digest over all head hashes (docs/audit-chain.md, Anchors)',
    }),
  };
}

export const metrics = onePerProcess('metrics', createMetrics)();
