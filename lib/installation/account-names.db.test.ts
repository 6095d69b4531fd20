import { beforeEach, expect, it } from 'vitest';
import { forgetGitHub } from '../github/client';
import { startTestWorld } from '../testing/test-world';
import { findAccountNames, forgetAccountNames } from './account-names';

const GET = 'GET /app/installations/{installation_id}';

const { github } = await startTestWorld();
const ids = Array.from({ length: 30 }, (_, n) => {
  github.actions.createOrganization({ login: `customer-${n}`, owner: 'sam' });
  return github.actions.install({ account: `customer-${n}`, by: 'sam' }).id;
});
await github.flush();

const asked = () => github.requests.filter({ route: GET });

beforeEach(() => {
  github.knobs.reset();
  forgetGitHub();
  forgetAccountNames();
  github.requests.clear();
});

it('asks GitHub for at most twenty names per call, four in parallel, and for the rest in later calls', async () => {
  github.knobs.latency(GET, 30);
  let most = 0;
  const watch = setInterval(() => {
    most = Math.max(most, asked().filter(({ status }) => status === null).length);
  }, 1);
  const first = await findAccountNames(ids);
  clearInterval(watch);
  expect(first).toHaveLength(20);
  expect(first[0]).toEqual({ id: ids[0], login: 'customer-0', type: 'Organization' });
  expect(asked()).toHaveLength(20);
  expect(most).toBeLessThanOrEqual(4);
  expect((await findAccountNames(ids)).map(({ id }) => id)).toEqual(ids);
  expect(asked()).toHaveLength(30);
});

it('caches a name for a quarter of an hour, and a missing name for half a minute', async () => {
  const [one = 0] = ids;
  const unknown = 99_999_999;
  const now = 1_000_000;
  for (const [later, times] of [
    [0, 2],
    [29_999, 2],
    [30_001, 3],
    [899_999, 4],
    [900_001, 5],
  ] as const) {
    expect(await findAccountNames([unknown, one], now + later)).toMatchObject([{ id: one }]);
    expect(asked()).toHaveLength(times);
  }
});

it('omits names that GitHub cannot return, stops asking, and retries in the next call', async () => {
  const [one = 0] = ids;
  await findAccountNames([one]);
  github.knobs.failNext(GET, { kind: 'status', status: 502 }, 4);
  expect(await findAccountNames(ids)).toMatchObject([{ id: one }]);
  expect(asked().length).toBeLessThanOrEqual(5);
  forgetGitHub();
  expect(await findAccountNames(ids)).toHaveLength(21);
});
