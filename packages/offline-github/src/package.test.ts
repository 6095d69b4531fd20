import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import manifest from '../package.json' with { type: 'json' };

const ROOT = path.resolve(import.meta.dirname, '..');

const IMPORT = /(?:\bfrom |^import |\bimport\(|\brequire\.resolve\()'([^'\n]+)'/gm;

/** Returns every import of the package's sources as `[file, specifier]`. */
function imports(): [file: string, specifier: string][] {
  const files = readdirSync(ROOT, { recursive: true, encoding: 'utf8' })
    .map((file) => file.replaceAll(path.sep, '/'))
    .filter((file) => /^(?:src|bin)\/.*\.m?ts$|^bin\/.*\.mjs$/.test(file));
  return files.flatMap((file) =>
    [...readFileSync(path.join(ROOT, file), 'utf8').matchAll(IMPORT)].map(
      ([, specifier = '']): [string, string] => [file, specifier],
    ),
  );
}

it('imports no file from outside the package', () => {
  const outside = imports().filter(
    ([file, specifier]) =>
      specifier.startsWith('@/') ||
      (specifier.startsWith('.') &&
        path.relative(ROOT, path.resolve(ROOT, path.dirname(file), specifier)).startsWith('..')),
  );
  expect(imports().length).toBeGreaterThan(200);
  expect(outside).toEqual([]);
});

it('declares every package that it imports, and test-only packages as development dependencies', () => {
  const undeclared = imports().filter(([file, specifier]) => {
    if (specifier.startsWith('.') || specifier.startsWith('node:')) return false;
    const name = specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
    const mayBeDevelopment = file.endsWith('.test.ts') || file === 'src/vitest.ts';
    return !(name in manifest.dependencies || (mayBeDevelopment && name in manifest.devDependencies));
  });
  expect(undeclared).toEqual([]);
});
