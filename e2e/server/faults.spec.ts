/** Runs the command `npm run faults` itself, with its exit code and its table. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { expect, test } from '@playwright/test';

/** Runs the command with these arguments. */
function runFaults(...args: string[]): Promise<{ code: unknown; output: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, ['--import', 'tsx', 'faults/index.ts', ...args], (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : error.code, output: `${stdout}${stderr}` }),
    );
  });
}

test('a quick run of one fault prints its row, exits with 0 and leaves the results of a complete run alone', async () => {
  test.setTimeout(600_000);
  const before = await readFile('bench/faults.md', 'utf8');
  const { code, output } = await runFaults('--only', 'f7', '--quick');
  expect([code, output]).toEqual([0, expect.stringMatching(/\| F7 +\|.*20 × 201.*\| yes +\|/)]);
  expect(output.match(/^\| F/gm)).toHaveLength(1);
  expect(await readFile('bench/faults.md', 'utf8')).toBe(before);
});

test('an unknown fault is refused with exit code 1, and every fault of the targets has its id', async () => {
  const { code, output } = await runFaults('--only', 'F13');
  expect(code).toBe(1);
  for (let n = 1; n <= 12; n++) expect(output).toMatch(new RegExp(`\\bF${n}\\b`));
});
