import { createHmac, randomUUID } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { expect, test } from '@playwright/test';
import { asDatabaseOwner, unusedId } from '../installations';
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

  test('a delivery is served without Next, with the headers that Next would send', async () => {
    const answer = async (query: string, given: { secret?: string }) => {
      const { headers, body } = server.services.github.signDelivery('ping', { hook_id: unusedId() }, given);
      const response = await fetch(`${server.app.url}/api/github/webhooks${query}`, {
        method: 'POST',
        headers,
        body,
      });
      const { date: _, 'x-request-id': __, ...others } = Object.fromEntries(response.headers);
      const { request_id: ___, ...told } = await response.json();
      return { status: response.status, told, headers: others };
    };
    // Next serves the same route if its target has a query string. It compresses, and says what a response varies by.
    for (const given of [{}, { secret: 'rotated away' }]) {
      const { headers: next, ...byNext } = await answer('?by=next', given);
      const { 'transfer-encoding': chunked, 'content-encoding': _, vary: __, ...headersByNext } = next;
      const { headers: us, ...byUs } = await answer('', given);
      const { 'content-length': length, ...headersByUs } = us;
      expect([chunked, Number(length) > 0]).toEqual(['chunked', true]);
      expect(byUs).toEqual(byNext);
      expect(headersByUs).toEqual(headersByNext);
    }
  });

  /**
   * Returns a delivery about a new installation. The app stores a row for it, which shows whether and how the app
   * parsed the body.
   */
  const created = (login = 'acme') => {
    const id = unusedId();
    return { id, json: JSON.stringify({ action: 'created', installation: { id, account: { id, login } } }) };
  };

  /** Signs these bytes and sends them unchanged. */
  async function send(body: string | Buffer, headers: Record<string, string> = {}) {
    const { webhookSecret } = server.services.github.app;
    const digest = createHmac('sha256', webhookSecret).update(body).digest('hex');
    const response = await fetch(`${server.app.url}/api/github/webhooks`, {
      method: 'POST',
      body: typeof body === 'string' ? body : new Uint8Array(body),
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        'x-github-event': 'installation',
        'x-github-delivery': randomUUID(),
        'x-hub-signature-256': `sha256=${digest}`,
        ...headers,
      },
    });
    const { outcome, code } = await response.json();
    return { status: response.status, told: outcome ?? code };
  }

  /** Returns the account name that the app stored for an installation, or `undefined` if it stored none. */
  const storedLogin = (id: number): Promise<string | undefined> =>
    asDatabaseOwner(async (db) => {
      const { rows } = await db.query('SELECT account_login FROM installations WHERE id = $1', [id]);
      return rows[0]?.account_login;
    }, server.services.env);

  const LOGIN = 'a+b c%41 ü&payload={}=é';
  const percent = (json: string) => `payload=${encodeURIComponent(json)}`;
  const plus = (json: string) => new URLSearchParams({ payload: json }).toString();
  const READ: [title: string, body: (json: string) => string, headers?: Record<string, string>][] = [
    ['percent-encoded', percent],
    ['plus-encoded', plus],
    ['that names a charset', plus, { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' }],
    ['whose type is in capitals', plus, { 'content-type': 'APPLICATION/X-WWW-Form-URLEncoded' }],
    ['that says it is JSON', percent, { 'content-type': 'application/json' }],
    ['with another field before', (json) => `hook=1&${percent(json)}`],
    ['with several payloads: the first counts', (json) => `${percent(json)}&${percent(created().json)}`],
    ['with the encoding identity', plus, { 'content-encoding': 'Identity' }],
  ];
  for (const [title, body, headers] of READ)
    test(`a form ${title} has the same effect as its JSON`, async () => {
      const { id, json } = created(LOGIN);
      expect(await send(body(json), headers)).toEqual({ status: 202, told: 'handled' });
      expect(await storedLogin(id)).toBe(LOGIN);
    });

  test('JSON that is declared as a form takes effect', async () => {
    const { id, json } = created(LOGIN);
    expect(await send(json)).toEqual({ status: 202, told: 'handled' });
    expect(await storedLogin(id)).toBe(LOGIN);
  });

  test('a form without a payload, or whose payload is not JSON, is accepted and changes nothing', async () => {
    for (const body of ['hook=1', 'payload=', 'payload=%7B%22action', 'payload', 'a&b&c', '%'])
      expect(await send(body)).toEqual({ status: 202, told: 'ignored' });
  });

  test('a form is refused if it is signed with another secret or over another encoding of the same form', async () => {
    const { id, json } = created();
    const sign = (body: string, secret: string) => ({
      'x-hub-signature-256': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
    });
    const { webhookSecret } = server.services.github.app;
    for (const wrong of [
      sign(percent(json), 'rotated away'),
      sign(plus(json).replaceAll('%', '%25'), webhookSecret),
      sign(json, webhookSecret),
    ])
      expect(await send(percent(json), wrong)).toEqual({ status: 401, told: 'invalid_signature' });
    expect(await storedLogin(id)).toBeUndefined();
  });

  test('a compressed body never takes effect, and a signed one is refused for its encoding', async () => {
    const { id, json } = created();
    const encoding = { 'content-encoding': 'gzip' };
    const packed = gzipSync(percent(json));
    expect(await send(packed, encoding)).toEqual({ status: 415, told: 'unsupported_media_type' });
    const digest = createHmac('sha256', server.services.github.app.webhookSecret).update(percent(json));
    const ofTheForm = { 'x-hub-signature-256': `sha256=${digest.digest('hex')}` };
    expect(await send(packed, { ...encoding, ...ofTheForm })).toEqual({
      status: 401,
      told: 'invalid_signature',
    });
    expect(await storedLogin(id)).toBeUndefined();
  });

  test('a body over 25 MB is refused before all of it is read', async () => {
    const { headers } = server.services.github.signDelivery('ping', {});
    expect(await deliver(server.app.url, headers, 'x'.repeat(26 * 1024 * 1024))).toEqual({
      status: 413,
      code: 'payload_too_large',
    });
  });

  test('an uninstall whose webhook is lost stops the next mint and is final within seconds', async () => {
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

  test('once the webhook of an uninstall is delivered, the next mint is refused without a request to GitHub', async () => {
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

test('every delivery gets 503 if no webhook secret is configured', async () => {
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
