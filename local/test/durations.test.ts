import { expect, it } from 'vitest';
import { describeSlowest, durationsOfBenches, durationsOfPlaywright, durationsOfVitest } from './durations';

it('names the slowest files first, and leaves out the others', () => {
  const durations: [string, number][] = [
    ['lib/a.test.ts', 1],
    ['lib/b.test.ts', 30.26],
    ['lib/c.test.ts', 2],
  ];

  expect(describeSlowest(durations, 2)).toBe('lib/b.test.ts 30.3 s, lib/c.test.ts 2.0 s');
});

it('reads how long each file of Vitest took', () => {
  const file = {
    name: `${process.cwd()}/lib/a.test.ts`,
    status: 'passed',
    message: '',
    assertionResults: [],
  };
  const json = {
    numPassedTests: 0,
    numFailedTests: 0,
    numPendingTests: 0,
    numTodoTests: 0,
    testResults: [{ ...file, startTime: 1_000, endTime: 3_500 }],
  };

  expect(durationsOfVitest(json)).toEqual([['lib/a.test.ts', 2.5]]);
});

it('adds up the tests of a file of Playwright, with repeated attempts and inner groups', () => {
  const spec = (...durations: number[]) => ({
    title: 'works',
    file: 'walk.spec.ts',
    tests: [
      {
        projectName: 'walk',
        status: 'expected',
        results: durations.map((duration) => ({ duration, errors: [] })),
      },
    ],
  });
  const json = {
    stats: { expected: 2, unexpected: 0, flaky: 0, skipped: 0 },
    errors: [],
    suites: [
      {
        title: 'walk.spec.ts',
        specs: [spec(1_000, 2_000)],
        suites: [{ title: 'a group', specs: [spec(500)] }],
      },
    ],
  };

  expect(durationsOfPlaywright(json)).toEqual([['walk.spec.ts', 3.5]]);
});

it('reads how long each bench took, also one that broke', () => {
  const json = { mint: { broken: null, seconds: 12 }, start: { broken: 'no figure for U3', seconds: 3 } };

  expect(durationsOfBenches(json)).toEqual([
    ['mint', 12],
    ['start', 3],
  ]);
});
