import { expect, test } from 'vitest';
import { findViolations, readProject } from './import-directions';

test.each([
  ['lib imports app', 'lib/token/mint.ts', "import { page } from '../../app/page';"],
  ['lib imports local', 'lib/db/client.ts', "import { startStore } from '@/local/store';"],
  ['app imports local', 'app/page.tsx', "const { x } = await import('../local/store');"],
  [
    'a component imports the database',
    'components/github/card.tsx',
    "import { prisma } from '@/lib/db/client';",
  ],
  [
    'a component imports code for its type',
    'components/a.tsx',
    "import { type Mint } from '@/lib/token/mint';",
  ],
  ['a mint imports a flow', 'lib/token/mint.ts', "import { sync } from '../sync/sync';"],
  ['audit imports token', 'lib/audit/record.ts', "import type { Mint } from '../token/mint';"],
  ['github imports audit', 'lib/github/app.ts', "export { x } from '../audit/record';"],
  ['code imports a test fixture', 'lib/auth/options.ts', "import { user } from './test-fixtures';"],
  [
    'the offline GitHub in what ships',
    'lib/token/mint.ts',
    "import { startLocalGitHub } from 'offline-github';",
  ],
  ['Octokit outside lib/github', 'lib/token/mint.ts', "import { App } from '@octokit/app';"],
  ['a second importer of Octokit', 'lib/github/client.ts', "import { Octokit } from '@octokit/core';"],
  ['unsafe SQL', 'lib/db/sql.ts', 'await tx.$queryRawUnsafe(text);'],
  ['raw SQL outside lib/db', 'lib/audit/read.ts', 'await tx.$executeRaw`SELECT 1`;'],
  ['a pool outside lib/db', 'app/page.tsx', "const { rows } = await getPool('work').query(text);"],
  ['pg outside lib/db', 'lib/audit/read.ts', "import pg from 'pg';"],
  ['process.env outside config', 'lib/auth/options.ts', 'const secret = process.env.NEXTAUTH_SECRET;'],
])('reports a violation: %s', (_, path, text) => {
  expect(findViolations([{ path, text }])).toHaveLength(1);
});

test.each([
  [
    'app/page.tsx',
    "import { Card } from '@/components/github/card';\nimport { mint } from '../lib/token/mint';",
  ],
  ['lib/token/mint.ts', "import { record } from '../audit/record';\nimport { problem } from '../problem';"],
  ['components/a.tsx', "import type {\n  Mint,\n} from '@/lib/token/mint';"],
  ['lib/github/app.ts', "import { App } from '@octokit/app';"],
  ['lib/config.ts', 'parseConfig(process.env);'],
  ['lib/db/sql.ts', 'return db.$queryRaw(statement);'],
  ['lib/audit/read.ts', "await query('work', sql`SELECT 1`);"],
  ['lib/audit/a.ts', "// process.env and import '../token/mint' in a comment"],
  ['lib/audit/a.test.ts', "import { startStore } from '../../local/store';"],
])('allows the imports of %s', (path, text) => {
  expect(findViolations([{ path, text }])).toEqual([]);
});

test('the project has no violation', async () => {
  const files = await readProject();
  expect(files.length).toBeGreaterThan(20);
  expect(findViolations(files)).toEqual([]);
});
