import { describe, expect, it } from 'vitest';
import type { ReportedTest } from '../test/reports';
import { parseMutation } from './mutations';
import { unsoundness, verdictOf } from './verdict';

const mutation = parseMutation(
  'C04-x.patch',
  'Claim: C04\nMutation: a token is kept\nCaught by: a.db.test.ts › holds for %s\n\ndiff --git a/x b/x\n',
);
const test = (status: ReportedTest['status'], ...messages: string[]): ReportedTest => ({
  file: 'a.db.test.ts',
  titles: ['holds for all'],
  status,
  messages,
});
const run = (...tests: ReportedTest[]) => ({ tests, output: '\n  cannot start\n' });

describe('a mutation', () => {
  it('is caught if one case of its test fails with an assertion', () => {
    const failed = test('failed', '\u001b[31mAssertionError: expected 1 to be 2\u001b[39m\n    at a.ts:1');
    expect(verdictOf(mutation, run(test('passed'), failed))).toEqual({
      result: 'caught',
      reason: 'AssertionError: expected 1 to be 2',
    });
  });

  it('is caught by a promise that resolves although it must reject, or rejects with another error', () => {
    for (const message of [
      'Error: promise resolved "1" instead of rejecting',
      "Error: expected [Function] to throw error including 'denied' but got 'another'",
    ])
      expect(verdictOf(mutation, run(test('failed', message)))).toMatchObject({ result: 'caught' });
  });

  it('survives if its test passes', () => {
    expect(verdictOf(mutation, run(test('passed')))).toMatchObject({ result: 'survived' });
  });

  it('is not caught by a failure of another kind, such as a missing module', () => {
    const failed = test('failed', 'TypeError: kept is not a function');
    expect(verdictOf(mutation, run(failed))).toEqual({
      result: 'unclear',
      reason: 'failed with: TypeError: kept is not a function',
    });
  });

  it('is not caught if its test did not run', () => {
    const unclear = { result: 'unclear', reason: 'did not run: cannot start' };
    expect(verdictOf(mutation, run())).toEqual(unclear);
    expect(verdictOf(mutation, run(test('skipped')))).toEqual(unclear);
    expect(verdictOf(mutation, run({ ...test('failed'), file: 'b.test.ts' }))).toEqual(unclear);
  });

  it('cannot be judged by a test that fails or does not run without it', () => {
    expect(unsoundness(mutation, run(test('passed')))).toBeUndefined();
    expect(unsoundness(mutation, run(test('failed', 'Error: no database')))).toBe(
      'failed without the mutation: Error: no database',
    );
    expect(unsoundness(mutation, run())).toBe('did not run without the mutation: cannot start');
    const skipped = { ...test('skipped'), skippedBecause: 'no redis-server' };
    expect(unsoundness(mutation, run(skipped))).toBe('did not run without the mutation: no redis-server');
  });
});
