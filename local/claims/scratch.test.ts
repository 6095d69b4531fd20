import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Scratch } from './scratch';

const checkout = mkdtempSync(path.join(tmpdir(), 'claims-checkout-'));
const inCheckout = (file: string) => path.join(checkout, file);
let scratch: Scratch;

beforeAll(() => {
  for (const folder of ['node_modules/pkg', 'node_modules/.cache', 'lib'])
    mkdirSync(inCheckout(folder), { recursive: true });
  for (const [file, text] of [
    ['.gitignore', 'node_modules/\n'],
    ['lib/kept.ts', 'committed\n'],
    ['node_modules/pkg/index.js', 'package\n'],
    ['node_modules/.cache/entry', 'cached\n'],
  ] as const)
    writeFileSync(inCheckout(file), text);
  execFileSync('git', ['init', '--quiet'], { cwd: checkout });
  execFileSync('git', ['add', '--all'], { cwd: checkout });
  writeFileSync(inCheckout('lib/kept.ts'), 'edited\n');
  writeFileSync(inCheckout('notes.txt'), 'untracked\n');
  scratch = Scratch.create(checkout);
});
afterAll(async () => {
  await scratch.remove();
  rmSync(checkout, { recursive: true });
});

const read = (file: string) => readFileSync(path.join(scratch.root, file), 'utf8');
const exists = (file: string) => existsSync(path.join(scratch.root, file));

function patchOf(before: string): string {
  const patch = inCheckout('change.patch');
  const edit = `diff --git a/lib/kept.ts b/lib/kept.ts\n--- a/lib/kept.ts\n+++ b/lib/kept.ts\n@@ -1 +1 @@\n-${before}\n+broken\n`;
  const addition =
    'diff --git a/added.sql b/added.sql\nnew file mode 100644\n--- /dev/null\n+++ b/added.sql\n@@ -0,0 +1 @@\n+added\n';
  writeFileSync(patch, `Claim: C01\n\n${edit}${addition}`);
  return patch;
}

it('has the tracked files with their uncommitted changes, and the packages without their caches', () => {
  expect(read('lib/kept.ts')).toBe('edited\n');
  expect(read('node_modules/pkg/index.js')).toBe('package\n');
  expect(['notes.txt', 'node_modules/.cache'].filter(exists)).toEqual([]);
});

it('applies a patch and restores every file, while the checkout stays unchanged', () => {
  expect(scratch.apply(patchOf('edited'))).toBeUndefined();
  expect([read('lib/kept.ts'), read('added.sql')]).toEqual(['broken\n', 'added\n']);
  expect(readFileSync(inCheckout('lib/kept.ts'), 'utf8')).toBe('edited\n');
  scratch.restore();
  expect([read('lib/kept.ts'), exists('added.sql')]).toEqual(['edited\n', false]);
});

it('changes nothing if a patch no longer applies, and returns git’s reason', () => {
  expect(scratch.apply(patchOf('something else'))).toContain('lib/kept.ts');
  expect([read('lib/kept.ts'), exists('added.sql')]).toEqual(['edited\n', false]);
});
