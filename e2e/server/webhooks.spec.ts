import { expect, test } from '@playwright/test';
import { connectedCustomer, customersMints } from './connected-customer';
import { type Customer, createCustomer, mintInternal, type OwnServer, startOwnServer } from './own-server';

async function deliver(
  url: string,
  headers: Record<string, string>,
  body: string,
): Promise<{ status: number; code: unknown }> {
  const response = await fetch(`${url}/api/github/webhooks`, { method: 'POST', headers, body });
  return { status: response.status, code: (await response.json()).code };
}

test.describe('with a secret', () => {
  let server: OwnServer;
  let customer: Customer;
  let installationId: number;

  test.beforeAll(async () => {
    server = await startOwnServer();
    customer = await createCustomer(server.services.env);
    installationId = await connectedCustomer(server, customer, 'olivia', 'acme');
  });
  test.afterAll(() => server?.close());

  test('a bad, missing or stale signature changes nothing', async () => {
    const payload = {
      action: 'deleted',
      installation: { id: installationId, account: { id: 30001, login: 'acme', type: 'Organization' } },
    };
    const { headers, body } = server.services.github.signDelivery('installation', payload, {
      secret: 'rotated away',
    });
    const { 'X-Hub-Signature-256': _, ...unsigned } = headers;
    for (const attempt of [
      headers,
      unsigned,
      { ...headers, 'X-Hub-Signature-256': 'sha256=00' },
      { ...headers, 'X-Hub-Signature-256': '' },
    ])
      expect(await deliver(server.app.url, attempt, body)).toEqual({
        status: 401,
        code: 'invalid_signature',
      });
    expect((await mintInternal(server.app.url, customer.apiKey)).status).toBe(201);
  });

  test('a body over 25 MB is refused before it is read to its end', async () => {
    const { headers } = server.services.github.signDelivery('ping', {});
    expect(await deliver(server.app.url, headers, 'x'.repeat(26 * 1024 * 1024))).toEqual({
      status: 413,
      code: 'payload_too_large',
    });
  });

  test('an uninstall whose webhook is lost stops the first mint that follows, and is final within seconds', async () => {
    const { github } = server.services;
    const lost = await createCustomer(server.services.env);
    const id = await connectedCustomer(server, lost, 'eve', 'globex', ['reactor']);
    const { webhookUrl } = github.app;
    github.configureApp({ webhookUrl: null });
    github.actions.uninstall({ installation: id });
    github.configureApp({ webhookUrl });
    github.requests.clear();
    expect(await mintInternal(server.app.url, lost.apiKey)).toMatchObject({
      status: 503,
      body: { code: 'github_unavailable' },
    });
    await expect
      .poll(() => mintInternal(server.app.url, lost.apiKey), { timeout: 30_000, intervals: [1000] })
      .toMatchObject({ status: 409, body: { code: 'installation_deleted' } });
    expect(customersMints(github)).toBe(1);
  });

  test('once GitHub has told of an uninstall, the next mint is refused and GitHub not asked', async () => {
    const { github } = server.services;
    expect((await mintInternal(server.app.url, customer.apiKey)).status).toBe(201);
    github.actions.uninstall({ installation: installationId });
    await github.flush();
    github.requests.clear();
    expect(await mintInternal(server.app.url, customer.apiKey)).toMatchObject({
      status: 409,
      body: { code: 'installation_deleted' },
    });
    expect(customersMints(github)).toBe(0);
  });
});

test('without a configured secret every delivery gets 503', async () => {
  const server = await startOwnServer({}, ['GITHUB_WEBHOOK_SECRET']);
  try {
    const { headers, body } = server.services.github.signDelivery('ping', {});
    for (const attempt of [headers, {}])
      expect(await deliver(server.app.url, attempt, body)).toEqual({
        status: 503,
        code: 'webhook_secret_not_configured',
      });
  } finally {
    await server.close();
  }
});
