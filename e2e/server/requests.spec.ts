/** What a request may not get round, however it is written: limits. */
import { expect, test } from '../fixtures';
import { type OwnServer, startOwnServer } from './own-server';

let server: OwnServer;
test.beforeAll(async () => {
  server = await startOwnServer();
});
test.afterAll(() => server?.close());

test('attempts to sign in are counted, however their path is written', async () => {
  const paths = ['callback/dev-login', '%63allback/dev-login', 'c%61llback/dev-login', '%73ignin/github'];
  const attempts = Array.from({ length: 60 }, async (_, n) => {
    const answer = await fetch(`${server.app.url}/api/auth/${paths[n % paths.length]}`, {
      method: 'POST',
      body: new URLSearchParams({ email: 'x@acme.test' }),
      redirect: 'manual',
    });
    return answer.status;
  });
  const statuses = await Promise.all(attempts);
  expect(statuses.filter((status) => status === 429)).toHaveLength(30);
});
