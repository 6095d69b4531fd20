import { expect, test } from '@playwright/test';
import { connectedCustomer } from './connected-customer';
import { createCustomer, mintInternal, startOwnServer } from './own-server';

const MINT = 'POST /app/installations/{installation_id}/access_tokens';

test('SIGTERM lets requests in flight finish, takes no new ones, and ends with 0', async () => {
  const server = await startOwnServer();
  try {
    const customer = await createCustomer(server.services.env);
    await connectedCustomer(server, customer, 'olivia', 'acme');
    const { github } = server.services;
    github.knobs.latency(MINT, 1500);
    github.requests.clear();
    const inFlight = Array.from({ length: 8 }, () => mintInternal(server.app.url, customer.apiKey));
    await expect.poll(() => github.requests.filter({ route: MINT }).length).toBe(8);
    const stopped = server.app.stop();
    const answers = await Promise.all(inFlight);
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 8 }, () => 201));
    await stopped;
    expect(server.app.exitCode()).toBe(0);
    await expect(mintInternal(server.app.url, customer.apiKey)).rejects.toThrow();
  } finally {
    await server.close();
  }
});
