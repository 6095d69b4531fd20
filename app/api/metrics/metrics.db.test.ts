import { NextRequest } from 'next/server';
import { beforeAll, describe, expect, it } from 'vitest';
import type { ApiKeyActor } from '@/lib/actor';
import { createApiKey } from '@/lib/api-keys/manage';
import { anchorAuditChains } from '@/lib/audit/anchor';
import { TEST_ORIGIN } from '@/lib/auth/test-fixtures';
import { getDb } from '@/lib/db/client';
import { clearWorld, connectedScene } from '@/lib/testing/test-scene';
import { startTestWorld } from '@/lib/testing/test-world';
import { mintToken } from '@/lib/token/mint';
import { POST as mintRoute } from '../v1/internal/github/token/route';
import { GET } from './route';

const METRICS_TOKEN = 'a-metrics-token';
// Redis isn't running, so this process enforces the limits itself, and a metric must report that.
const world = await startTestWorld({ METRICS_TOKEN });
const { github } = world;

async function scrape(authorization?: string) {
  const headers = new Headers({ 'x-forwarded-for': '192.0.2.9' });
  if (authorization !== undefined) headers.set('authorization', authorization);
  const request = new NextRequest('http://localhost:3000/api/metrics', { headers });
  const response = await GET(request, { params: Promise.resolve({}) });
  return { status: response.status, type: response.headers.get('content-type'), text: await response.text() };
}

it.each([undefined, '', 'Bearer', 'Bearer wrong', `Basic ${METRICS_TOKEN}`, `Bearer ${METRICS_TOKEN}x`])(
  'rejects a request for metrics without the right token: %j',
  async (authorization) => {
    const { status, text } = await scrape(authorization);
    expect(status).toBe(401);
    expect(text).not.toContain('pulsestream_');
  },
);

describe('after some work of each kind', () => {
  let text = '';
  const secrets: string[] = [];

  beforeAll(async () => {
    await clearWorld(world);
    const { workspaceId, slug, actor, installationId } = await connectedScene(world, {
      account: 'acme',
      by: 'olivia',
      repositories: ['acme/api'],
    });
    const { key, id } = await createApiKey({ workspaceId, actor, origin: TEST_ORIGIN }, { name: 'engine-7' });
    const keyActor: ApiKeyActor = {
      type: 'api_key',
      id,
      label: 'engine-7',
      workspace: { id: workspaceId, slug },
      repositoryIds: null,
    };
    const headers = {
      'x-forwarded-for': '192.0.2.77',
      authorization: `Bearer ${key}`,
      'content-type': 'application/json',
    };
    const ask = (body: object) =>
      mintRoute(
        new NextRequest('http://localhost:3000/api/v1/internal/github/token', {
          method: 'POST',
          headers,
          body: JSON.stringify(body),
        }),
        { params: Promise.resolve({}) },
      );
    const { token } = await (await ask({})).json();
    await ask({ repositories: ['acme/infra'] });
    for (let n = 0; n < 30; n++) await ask({ unknown: 'field' });
    github.knobs.failNext('POST /app/installations/{installation_id}/access_tokens', {
      kind: 'status',
      status: 502,
    });
    await mintToken({ workspaceId, actor: keyActor, origin: TEST_ORIGIN, request: {} }).catch(() => {});
    await anchorAuditChains();
    await getDb().mintingStop.create({ data: { workspaceId, reason: 'a drill of acme' } });
    ({ text } = await scrape(`Bearer ${METRICS_TOKEN}`));
    secrets.push(token, key, id, workspaceId, slug, String(installationId), actor.id, actor.label);
    secrets.push('acme', 'engine-7', '192.0.2');
  });

  it.each([
    /^pulsestream_http_requests_total\{route="\/api\/v1\/internal\/github\/token",method="POST",status="201"\} 1$/m,
    /^pulsestream_http_requests_total\{route="\/api\/v1\/internal\/github\/token",method="POST",status="429"\} 2$/m,
    /^pulsestream_mints_total\{outcome="minted"\} 1$/m,
    /^pulsestream_mints_total\{outcome="denied"\} 2$/m,
    /^pulsestream_mint_denials_total\{reason="repository_not_accessible"\} 1$/m,
    /^pulsestream_mint_denials_total\{reason="github_unavailable"\} 1$/m,
    /^pulsestream_minting_stops\{scope="everything"\} 0$/m,
    /^pulsestream_minting_stops\{scope="workspace"\} 1$/m,
    /^pulsestream_webhook_deliveries_total\{outcome="handled"\} [1-9]/m,
    /^pulsestream_rate_limit_degraded 1$/m,
    /^pulsestream_rate_limited_total\{policy="mint_internal"\} 2$/m,
    /^pulsestream_github_calls_total\{route="POST \/app\/installations\/\{installation_id\}\/access_tokens",outcome="unavailable",asked="yes"\} 1$/m,
    /^pulsestream_github_call_duration_seconds_count\{route="GET \/installation\/repositories"\} [1-9]/m,
    /^pulsestream_syncs_total\{outcome="synced"\} [1-9]/m,
    /^pulsestream_audit_append_failures_total 0$/m,
    /^pulsestream_audit_chains 1$/m,
    /^pulsestream_audit_heads_digest [1-9]/m,
    /^nodejs_eventloop_lag_seconds /m,
  ])('reports each kind of work: %s', (line) => {
    expect(text).toMatch(line);
  });

  it('contains no workspace, person, installation, address, key or token', () => {
    for (const secret of secrets) expect(text).not.toContain(secret);
    expect(secrets.every((secret) => secret.length > 3)).toBe(true);
  });
});
