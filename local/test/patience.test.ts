/**
 * Tests that no test gives up waiting in less than a minute. A busy machine may need half of that for what takes a
 * millisecond otherwise, so a short limit tests the machine's speed.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const LEAST_MS = 60_000;

/** Waits whose limit Vitest's configuration does not set: one second, unless the call passes another one. */
const WITH_OWN_LIMIT = /\bvi\.(?:waitFor|waitUntil)\((?:(?!\bvi\.wait)[^;])*/g;
const POLL = /\bexpect\s*\.poll\((?:(?!\bexpect\s*\.poll)[^;])*/g;
/** A limit without digits is a fixture's argument, which this test does not follow. */
const LIMIT = /\btimeout: (?:([\d_]+)|\w+)/;
const NAMED = /\bPATIENCE\b/;

/** Returns each wait in the source that may end in less than a minute. */
function impatient(source: string): string[] {
  const limit = (text: string) => {
    const found = LIMIT.exec(text);
    return found === null ? Number.NaN : Number(found[1]?.replaceAll('_', '') ?? LEAST_MS);
  };
  const named = limit(/const PATIENCE = [^;]*/.exec(source)?.[0] ?? '');
  const limitOf = (call: string) => (NAMED.test(call) ? named : limit(call));
  const own = (source.match(WITH_OWN_LIMIT) ?? []).filter((call) => !(limitOf(call) >= LEAST_MS));
  return [...own, ...(source.match(POLL) ?? []).filter((call) => limitOf(call) < LEAST_MS)];
}

it.each([
  ['await vi.waitFor(() => expect(ended).toBe(true));', 1],
  ['await vi.waitFor(() => expect(ended).toBe(true), { timeout: 60_000 });', 0],
  ['const PATIENCE = { timeout: 10_000 };\nawait vi.waitUntil(isFull, PATIENCE);', 1],
  ['const PATIENCE = { timeout: 60_000 };\nawait vi.waitUntil(isFull, PATIENCE);', 0],
  ['await expect\n  .poll(count, { timeout: 20_000 })\n  .toBe(1);', 1],
  ['await expect.poll(count).toBe(1);\nawait expect.poll(count, { timeout: 120_000 }).toBe(0);', 0],
])('finds a wait that may end in less than a minute: %s', (source, count) => {
  expect(impatient(source)).toHaveLength(count);
});

it('finds none in the tests', () => {
  const listed = execFileSync('git', [
    'ls-files',
    '-co',
    '--exclude-standard',
    '*.test.ts',
    '*.test.tsx',
    '*/test-*.ts',
  ]);
  const files = listed
    .toString()
    .split('\n')
    .filter((file) => file !== '' && file !== 'local/test/patience.test.ts');
  expect(files.length).toBeGreaterThan(100);
  const found = files.flatMap((file) =>
    impatient(readFileSync(file, 'utf8')).map((call) => `${file}: ${call}`),
  );
  expect(found).toEqual([]);
});
