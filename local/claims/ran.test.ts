import { expect, it } from 'vitest';
import type { ReportedTest } from '../test/reports';
import type { Claim } from './documented';
import { testsNotRun } from './ran';

const claim = (...tests: string[]): Claim => ({
  id: 'C14',
  status: 'held',
  hasCode: true,
  tests,
  withoutMutation: undefined,
});
const test = (status: ReportedTest['status'], ...titles: string[]): ReportedTest => ({
  file: 'lib/a.test.ts',
  titles,
  status,
  messages: [],
});

it('reports a claimed test that is absent from all reports', () => {
  const other = test('passed', 'another holds');
  expect(testsNotRun([claim('lib/a.test.ts › holds')], [other])).toEqual([
    'C14: lib/a.test.ts › holds did not run',
  ]);
});

it('reports a claimed test that was skipped in all reports', () => {
  const skipped = test('skipped', 'a group', 'holds');
  const claims = [claim('lib/a.test.ts › a group › holds')];
  expect(testsNotRun(claims, [skipped])).toEqual(['C14: lib/a.test.ts › a group › holds was skipped']);
  expect(testsNotRun(claims, [skipped, test('passed', 'a group', 'holds')])).toEqual([]);
});

it('accepts a claimed test that failed, because the run reports that failure itself', () => {
  expect(testsNotRun([claim('lib/a.test.ts › holds')], [test('failed', 'holds')])).toEqual([]);
});
