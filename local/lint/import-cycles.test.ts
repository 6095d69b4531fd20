import { expect, test } from 'vitest';
import { findCycles } from './import-cycles';
import { readProject } from './import-directions';

const files = (texts: Record<string, string>) =>
  Object.entries(texts).map(([path, text]) => ({ path, text }));

test('finds a cycle that consists of type imports only', () => {
  const found = findCycles(
    files({ 'lib/a.ts': "import type { B } from './b';", 'lib/b.ts': "import { type A } from './a';" }),
  );
  expect(found).toEqual([['lib/a.ts', 'lib/b.ts', 'lib/a.ts']]);
});

test('finds a cycle through folders, re-exports, aliases and dynamic imports', () => {
  const found = findCycles(
    files({
      'lib/a/one.ts': "export { two } from '../b';",
      'lib/b/index.ts': "import { three } from '@/lib/c';",
      'lib/c.tsx': "const one = await import('./a/one');",
      'lib/d.ts': "import './a/one';",
    }),
  );
  expect(found).toEqual([['lib/a/one.ts', 'lib/b/index.ts', 'lib/c.tsx', 'lib/a/one.ts']]);
});

test('finds every cycle that shares no file with another, and a file that imports itself', () => {
  const found = findCycles(
    files({
      'a.ts': "import './b';",
      'b.ts': "import './a'; import './c';",
      'c.ts': "import './d';",
      'd.ts': "import './c';",
      'e.ts': "import './e';",
    }),
  );
  expect(found.map((cycle) => [...new Set(cycle)].sort())).toEqual([
    ['c.ts', 'd.ts'],
    ['a.ts', 'b.ts'],
    ['e.ts'],
  ]);
});

test('finds no cycle where two imports lead to the same file, or where an import is in a comment', () => {
  const found = findCycles(
    files({
      'a.ts': "import './b'; import './c';",
      'b.ts': "import './d';",
      'c.ts': "import './d';",
      'd.ts': "// import './a';\nimport 'node:fs';",
    }),
  );
  expect(found).toEqual([]);
});

test('the project has no cycle', async () => {
  expect(findCycles(await readProject({ tools: true }))).toEqual([]);
});
