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

const skipped = test('skipped', 'a group', 'holds');
const claims = [claim('lib/a.test.ts › a group › holds')];

it('reports a claimed test that is absent from all reports', () => {
  const other = test('passed', 'another holds');
  expect(testsNotRun([claim('lib/a.test.ts › holds')], [other])).toEqual({
    missing: ['C14: lib/a.test.ts › holds did not run'],
    skipped: [],
  });
});

it('reports a claimed test that was skipped without a reason in all reports', () => {
  expect(testsNotRun(claims, [skipped])).toEqual({
    missing: ['C14: lib/a.test.ts › a group › holds was skipped without a reason'],
    skipped: [],
  });
  expect(testsNotRun(claims, [skipped, test('passed', 'a group', 'holds')])).toEqual({
    missing: [],
    skipped: [],
  });
});

it('names a claimed test that was skipped for a reason, and does not count it as missing', () => {
  const reasoned = { ...skipped, skippedBecause: 'no redis-server on this machine' };
  expect(testsNotRun(claims, [reasoned])).toEqual({
    missing: [],
    skipped: ['C14: lib/a.test.ts › a group › holds was skipped: no redis-server on this machine'],
  });
});

it('accepts a claimed test that failed, because the run reports that failure itself', () => {
  expect(testsNotRun([claim('lib/a.test.ts › holds')], [test('failed', 'holds')])).toEqual({
    missing: [],
    skipped: [],
  });
});
