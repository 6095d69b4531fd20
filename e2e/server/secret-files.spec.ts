import { randomUUID } from 'node:crypto';
import { expect, test } from '@playwright/test';
import { SECRET_NAMES } from '../../lib/config/secret-files';
import { moveSecretsToFiles, type SecretFolder } from '../../lib/config/test-secret-folder';
import type { AppServer } from '../../local/app/server';
import { connectedCustomer } from './connected-customer';
import { createCustomer, mintInternal, type OwnServer, startOwnServer, startReplica } from './own-server';

let server: OwnServer;
let replica: AppServer;
let folder: SecretFolder;
test.beforeAll(async () => {
  server = await startOwnServer({ RATE_LIMIT_INTERNAL_PER_MINUTE: '100000' });
  const entries = Object.entries(server.services.env).filter(([name]) => SECRET_NAMES.includes(name));
  const moved = moveSecretsToFiles(Object.fromEntries(entries));
  folder = moved.folder;
  replica = await startReplica(server, moved.environment);
});
test.afterAll(async () => {
  await replica?.stop();
  await server?.close();
  folder?.remove();
});

test('a running process uses changed secret files for mints, webhooks and routes, and refuses no request', async () => {
  const { github, env } = server.services;
  const customer = await createCustomer(env);
  await connectedCustomer(server, customer, 'olivia', 'acme');
  const scrape = async (token: string) => {
    const headers = { authorization: `Bearer ${token}` };
    return (await fetch(`${replica.url}/api/metrics`, { headers })).status;
  };
  const deliver = async (secret: string) => {
    const { headers, body } = github.signDelivery('ping', { zen: 'Keep it logically awesome.' }, { secret });
    return (await fetch(`${replica.url}/api/github/webhooks`, { method: 'POST', headers, body })).status;
  };
  const mint = async () => (await mintInternal(replica.url, customer.apiKey)).status;
  expect([await mint(), await deliver(github.app.webhookSecret)]).toEqual([201, 202]);

  const [first = ''] = github.actions.listAppKeys();
  const { pem } = github.actions.addAppKey();
  const [token, secret] = [randomUUID(), randomUUID()];
  const old = env.METRICS_TOKEN ?? '';
  folder.update({
    GITHUB_APP_PRIVATE_KEY: pem,
    METRICS_TOKEN: token,
    METRICS_TOKEN_PREVIOUS: old,
    GITHUB_WEBHOOK_SECRET: secret,
    GITHUB_WEBHOOK_SECRET_PREVIOUS: github.app.webhookSecret,
  });
  const statuses = new Set<number>();
  await expect
    .poll(
      async () => {
        for (const status of [await mint(), await scrape(old)]) statuses.add(status);
        return scrape(token);
      },
      { timeout: 60_000 },
    )
    .toBe(200);
  expect(await Promise.all([deliver(secret), deliver(github.app.webhookSecret)])).toEqual([202, 202]);
  // The new key is the only one left at GitHub.
  github.actions.removeAppKey({ fingerprint: first });
  statuses.add(await mint());
  expect([...statuses].sort()).toEqual([200, 201]);
});
