import { createHmac } from 'node:crypto';
import { NextRequest } from 'next/server';
import { beforeAll, describe, expect, it } from 'vitest';
import { getDb } from '@/lib/db/client';
import { metrics } from '@/lib/observability/metrics';
import { connectedScene, storedInstallation } from '@/lib/testing/test-scene';
import { startTestWorld } from '@/lib/testing/test-world';
import { POST } from './route';

const PREVIOUS_SECRET = 'the previous webhook secret, still accepted';
const world = await startTestWorld({ GITHUB_WEBHOOK_SECRET_PREVIOUS: PREVIOUS_SECRET });
const { github } = world;

let installationId: number;

beforeAll(async () => {
  ({ installationId } = await connectedScene(world, { account: 'acme', by: 'olivia' }));
});

const suspension = () => ({
  action: 'suspend',
  installation: { id: installationId, account: { id: 30001, login: 'acme', type: 'Organization' } },
  sender: { id: 20001 },
});

const deliveries = () => getDb().webhookDelivery.count();

type Sent = { headers: Record<string, string>; body: Buffer };

function signed(event: string, payload: unknown, secret?: string): Sent {
  const { headers, body } = github.signDelivery(event, payload, secret === undefined ? {} : { secret });
  return { headers, body: Buffer.from(body) };
}

async function post({ headers, body }: Sent) {
  const request = new NextRequest('http://localhost:3000/api/github/webhooks', {
    method: 'POST',
    headers: { ...headers, 'x-forwarded-for': '192.0.2.9' },
    body: new Uint8Array(body),
  });
  const response = await POST(request, { params: Promise.resolve({}) });
  return { status: response.status, ...(await response.json()) };
}

const refused = async () => {
  const { values } = await metrics.webhookDeliveries.get();
  return values.find(({ labels }) => labels.outcome === 'refused')?.value ?? 0;
};

describe('a signature', () => {
  it('ignores a delivery whose signature is missing, malformed, wrong or made with a stale secret', async () => {
    const good = signed('installation', suspension());
    const signature = good.headers['X-Hub-Signature-256'] ?? '';
    const { 'X-Hub-Signature-256': _, ...unsigned } = good.headers;
    const carrying = (text: string) => ({ ...good, headers: { ...unsigned, 'X-Hub-Signature-256': text } });
    const before = await deliveries();
    const forged: Sent[] = [
      { ...good, headers: unsigned },
      carrying(''),
      carrying('sha256='),
      carrying(signature.replace('sha256=', 'sha1=')),
      carrying(`sha256=${'0'.repeat(64)}`),
      carrying(signature.slice(0, -1)),
      { ...good, body: Buffer.from(`${good.body.toString()} `) },
      { ...good, body: Buffer.alloc(0) },
      signed('installation', suspension(), 'a secret from two rotations ago'),
    ];
    for (const each of forged)
      expect(await post(each)).toMatchObject({ status: 401, code: 'invalid_signature' });
    expect((await storedInstallation(installationId)).status).toBe('active');
    expect(await deliveries()).toBe(before);
  });

  it('accepts a delivery signed with the current or the previous secret', async () => {
    expect(await post(signed('ping', { zen: 'x' }))).toEqual({ status: 202, outcome: 'ignored' });
    const before = await deliveries();
    expect(await post(signed('ping', { zen: 'y' }, PREVIOUS_SECRET))).toEqual({
      status: 202,
      outcome: 'ignored',
    });
    expect(await deliveries()).toBe(before + 1);
  });

  it('rejects and counts a signature over a form’s payload instead of its raw body', async () => {
    const json = JSON.stringify({ zen: 'z' });
    const digest = createHmac('sha256', github.app.webhookSecret).update(json).digest('hex');
    const { headers } = signed('ping', {});
    const before = await refused();
    const sent = {
      headers: { ...headers, 'X-Hub-Signature-256': `sha256=${digest}` },
      body: Buffer.from(new URLSearchParams({ payload: json }).toString()),
    };
    expect(await post(sent)).toMatchObject({ status: 401, code: 'invalid_signature' });
    expect(await refused()).toBe(before + 1);
    expect(await post({ ...sent, body: Buffer.from(json) })).toEqual({ status: 202, outcome: 'ignored' });
  });
});
