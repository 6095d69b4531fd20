import { expect, it } from 'vitest';
import { readPlaywright, readVitest } from './reports';

const COUNTS = { numPassedTests: 1, numFailedTests: 1, numPendingTests: 1, numTodoTests: 0 };

it('reads the tests of Vitest with their groups, and a pending test as skipped', () => {
  const result = (title: string, status: string, failureMessages: string[] = []) => ({
    ancestorTitles: ['a group'],
    title,
    fullName: `a group ${title}`,
    status,
    failureMessages,
  });
  const report = {
    ...COUNTS,
    testResults: [
      {
        name: '/checkout/lib/a.test.ts',
        status: 'failed',
        message: '',
        assertionResults: [
          result('holds', 'passed'),
          result('breaks', 'failed', ['AssertionError']),
          result('waits', 'pending'),
        ],
      },
    ],
  };
  const test = (title: string, status: string, messages: string[] = []) => ({
    file: 'lib/a.test.ts',
    titles: ['a group', title],
    status,
    messages,
  });
  expect(readVitest(report, '/checkout').tests).toEqual([
    test('holds', 'passed'),
    test('breaks', 'failed', ['AssertionError']),
    test('waits', 'skipped'),
  ]);
});

it('reads the tests of Playwright with their groups, and a flaky test as failed', () => {
  const spec = (title: string, status: string, message: string) => ({
    title,
    file: 'server/mint.spec.ts',
    tests: [{ projectName: 'server', status, results: [{ errors: message === '' ? [] : [{ message }] }] }],
  });
  const report = {
    stats: { expected: 1, unexpected: 0, flaky: 1, skipped: 1 },
    suites: [
      {
        title: 'server/mint.spec.ts',
        specs: [spec('holds', 'expected', ''), spec('waits', 'skipped', '')],
        suites: [{ title: 'a group', specs: [spec('wavers', 'flaky', 'at first')] }],
      },
    ],
    errors: [],
  };
  const file = 'e2e/server/mint.spec.ts';
  expect(readPlaywright(report).tests).toEqual([
    { file, titles: ['holds'], status: 'passed', messages: [] },
    { file, titles: ['waits'], status: 'skipped', messages: [] },
    { file, titles: ['a group', 'wavers'], status: 'failed', messages: ['at first'] },
  ]);
});

it('reads the reason of a skipped test from a title of Vitest’s, and from an annotation of Playwright’s', () => {
  const skipped = (title: string) => ({
    ancestorTitles: [title],
    title: 'holds',
    fullName: `${title} holds`,
    status: 'skipped',
  });
  const titles = ['Redis (skipped: no redis-server)', 'Redis (skipped where there is none)', 'Redis'];
  const testResults = [
    { name: '/a.test.ts', status: 'passed', message: '', assertionResults: titles.map(skipped) },
  ];
  const reasons = readVitest({ ...COUNTS, testResults }).tests.map(({ skippedBecause }) => skippedBecause);
  expect(reasons).toEqual(['no redis-server', 'where there is none', undefined]);

  const spec = (annotations: object[]) => ({
    title: 'holds',
    file: 'a.spec.ts',
    tests: [{ projectName: 'server', status: 'skipped', annotations, results: [] }],
  });
  const report = {
    stats: { expected: 0, unexpected: 0, flaky: 0, skipped: 3 },
    suites: [
      {
        title: 'a.spec.ts',
        specs: [
          spec([{ type: 'skip', description: 'no redis-server' }]),
          spec([{ type: 'skip' }]),
          spec([{ type: 'issue', description: 'of another kind' }]),
        ],
      },
    ],
    errors: [],
  };
  expect(readPlaywright(report).tests.map(({ skippedBecause }) => skippedBecause)).toEqual([
    'no redis-server',
    undefined,
    undefined,
  ]);
});

it('reads why a file could not be loaded, and why a run could not start', () => {
  const unloadable = { name: '/a.test.ts', status: 'failed', message: 'Cannot find c', assertionResults: [] };
  expect(readVitest({ ...COUNTS, testResults: [unloadable] })).toEqual({
    tests: [],
    errors: ['Cannot find c'],
  });
  const stats = { expected: 0, unexpected: 0, flaky: 0, skipped: 0 };
  expect(readPlaywright({ stats, suites: [], errors: [{ message: 'next build failed' }] })).toEqual({
    tests: [],
    errors: ['next build failed'],
  });
});
