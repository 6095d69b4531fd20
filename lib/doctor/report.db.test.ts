/** The report of the operator's page, at a real GitHub and PostgreSQL. */
import { expect, it } from 'vitest';
import { assertAppIdentity } from '../db/app-identity';
import { startTestWorld } from '../testing/test-world';
import type { Check } from './check';
import { CHECKS } from './checks';
import { completeReport, quickReport } from './report';
import { createFacts, runChecks } from './run';

const { github } = await startTestWorld();
await assertAppIdentity();

it('asks GitHub for nothing when the page is opened, and says which checks are missing', async () => {
  const before = github.requests.list().length;
  const { groups, left_out } = await quickReport()();
  expect(github.requests.list().length).toBe(before);
  const made = groups.flatMap(({ findings }) => findings.map(({ id }) => id));
  expect(left_out).toEqual(CHECKS.filter(({ isCheap }) => !isCheap).map(({ id }) => id));
  expect([...made, ...left_out].sort()).toEqual(['configuration', ...CHECKS.map(({ id }) => id)].sort());
});

it('runs every check once for operators who ask concurrently', async () => {
  const [one, other] = await Promise.all([completeReport()(), completeReport()()]);
  expect(other).toBe(one);
  expect(one.left_out).toEqual([]);
  expect(one.groups.flatMap(({ findings }) => findings)).toContainEqual(
    expect.objectContaining({ id: 'app-key', status: 'ok' }),
  );
});

it('leaves out the checks for which no time is left, and gives up on one that hangs', async () => {
  const checks: Check[] = [
    { id: 'hangs', find: () => new Promise(() => {}) },
    { id: 'late', find: () => Promise.reject(new Error('must not be called')) },
  ];
  const [hangs, late] = await runChecks(checks, createFacts(), { limits: { checkMs: 20, totalMs: 10 } });
  expect(hangs).toMatchObject({ status: 'fail', found: expect.stringContaining('did not answer') });
  expect(late).toMatchObject({ status: 'warn', found: expect.stringMatching(/^Not checked/) });
});
