import { afterEach, expect, it, vi } from 'vitest';
import { startTestApp } from '../auth/test-fixtures';
import { getPool, LANES, type LaneName } from '../db/pool';
import { checkReadiness } from './readiness';

await startTestApp();

/** A fake clock, set far ahead after each test so that no test gets a result cached by the previous one. */
let clock = 10_000;
const useClock = () => vi.spyOn(performance, 'now').mockImplementation(() => clock);
afterEach(() => {
  vi.restoreAllMocks();
  clock += 10_000;
});

it('checks the database once for concurrent probes, and again after a second', async () => {
  useClock();
  let queries = 0;
  getPool('probe').on('acquire', () => queries++);
  const answers = await Promise.all(Array.from({ length: 200 }, checkReadiness));
  expect(new Set(answers).size).toBe(1);
  await checkReadiness();
  expect(queries).toBe(1);
  clock += 1000;
  await checkReadiness();
  expect(queries).toBe(2);
});

it('reports a process as ready although its pools are busy', async () => {
  useClock();
  const busy = (Object.keys(LANES) as LaneName[]).filter((lane) => lane !== 'probe');
  const taken = await Promise.all(
    busy.flatMap((lane) => Array.from({ length: LANES[lane].connections }, () => getPool(lane).connect())),
  );
  const { checks } = await checkReadiness();
  for (const client of taken) client.release();
  expect(checks.database).toBe('ok');
});
