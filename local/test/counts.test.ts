import { describe, expect, it } from 'vitest';
import { countBenches, countCommand, countPlaywright, countVitest } from './counts';

const named = (fullName: string) => ({ ancestorTitles: [], title: fullName, fullName });

describe('the counts of a run', () => {
  it('counts the tests of Vitest, and names each failure with its first message', () => {
    const counts = countVitest({
      numPassedTests: 1,
      numFailedTests: 1,
      numPendingTests: 1,
      numTodoTests: 1,
      testResults: [
        {
          name: `${process.cwd()}/lib/a.test.ts`,
          status: 'failed',
          message: '',
          assertionResults: [
            { ...named('a holds'), status: 'passed', failureMessages: [] },
            {
              ...named('b holds'),
              status: 'failed',
              failureMessages: ['expected \u001b[31m1\u001b[39m to be 2'],
            },
          ],
        },
        {
          name: `${process.cwd()}/lib/c.test.ts`,
          status: 'failed',
          message: 'Cannot find c',
          assertionResults: [],
        },
      ],
    });

    expect(counts).toEqual({
      passed: 1,
      failed: 2,
      skipped: 2,
      failures: ['lib/a.test.ts: b holds\n    expected 1 to be 2', 'lib/c.test.ts\n    Cannot find c'],
    });
  });

  it('counts a flaky browser test as failed, however deeply its suite is nested', () => {
    const spec = (title: string, status: string, message: string) => ({
      title,
      file: 'journey.spec.ts',
      tests: [{ projectName: 'desktop', status, results: [{ errors: [{ message }] }] }],
    });
    const counts = countPlaywright({
      stats: { expected: 3, unexpected: 1, flaky: 1, skipped: 0 },
      suites: [
        {
          title: 'journey.spec.ts',
          specs: [spec('passes', 'expected', ''), spec('fails', 'unexpected', 'not visible')],
          suites: [{ title: 'a group', specs: [spec('wavers', 'flaky', 'at first')] }],
        },
      ],
      errors: [{ message: 'global set-up failed' }],
    });

    expect(counts).toMatchObject({ passed: 3, failed: 3, skipped: 0 });
    expect(counts.failures).toEqual([
      '[desktop] journey.spec.ts: fails\n    not visible',
      '[desktop] journey.spec.ts: wavers\n    at first',
      'playwright\n    global set-up failed',
    ]);
  });

  it('counts each bench as one test, and says what broke in it', () => {
    const counts = countBenches({
      mint: { broken: null, seconds: 12 },
      start: { broken: 'no figure for U3', seconds: 3 },
    });

    expect(counts).toEqual({
      passed: 1,
      failed: 1,
      skipped: 0,
      failures: ['bench start\n    no figure for U3'],
    });
  });

  it('shows the last lines that a failed command printed', () => {
    const output = Array.from({ length: 40 }, (_, line) => `line ${line}`).join('\n');

    expect(countCommand('lint', true, output)).toMatchObject({ passed: 1, failed: 0, failures: [] });
    const { failed, failures } = countCommand('lint', false, `${output}\n`);
    expect(failed).toBe(1);
    expect(failures[0]?.split('\n').at(-1)).toBe('    line 39');
    expect(failures[0]?.split('\n')).toHaveLength(26);
  });
});
