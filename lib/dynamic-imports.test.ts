/**
 * Tests that code which ships loads packages by static imports only. The operator's commands are bundles, and in a bundle
 * a dynamic import of a CommonJS package has no named exports. A package that is loaded on demand gets a file of its own
 * with a static import, and that file is imported dynamically.
 */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';

const IS_NOT_SHIPPED = /\.test\.ts$|\/test-[^/]+$|^lib\/(?:db\/generated|testing)\//;
const OF_A_PACKAGE = /\bimport\('(?![./]|node:|@\/)[^']*'\)/g;

it('imports no package dynamically in code that is bundled', () => {
  const files = ['cli', 'lib', 'prisma'].flatMap((folder) =>
    readdirSync(folder, { recursive: true })
      .map((name) => path.posix.join(folder, String(name)))
      .filter((file) => file.endsWith('.ts') && !IS_NOT_SHIPPED.test(file)),
  );
  expect(files.length).toBeGreaterThan(100);
  const found = files.flatMap((file) =>
    (readFileSync(file, 'utf8').match(OF_A_PACKAGE) ?? []).map((code) => [file, code]),
  );
  expect(found).toEqual([]);
});
