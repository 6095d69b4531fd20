/**
 * `npx tsx local/lint/import-directions.ts` fails on an import in the wrong direction, on a package or global used
 * where it isn't allowed, and on an import cycle. Type imports count too. In each table of directions, the first row
 * that matches a file applies.
 */
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { findCycles, projectImports, type SourceFile, withoutComments } from './import-cycles';

/**
 * `from`, `may` and `types` are path prefixes. A file may always import from its own directory. From paths in `types`,
 * it may import only types, with `import type`.
 */
export const DIRECTIONS = [
  { from: 'app/', may: ['components/', 'lib/'] },
  // A component shows what `lib` returns, so it may use the types of `lib`. The code of `lib` must stay on the server.
  { from: 'components/', may: ['lib/contract/'], types: ['lib/'] },
  { from: 'lib/contract/', may: [] },
  { from: 'lib/config', may: ['lib/async'] },
  { from: 'lib/problem', may: ['lib/contract/'] },
  { from: 'lib/async', may: [] },
  { from: 'lib/observability/', may: ['lib/config', 'lib/async'] },
  { from: 'lib/', may: ['lib/'] },
  { from: 'instrumentation', may: ['lib/'] },
  { from: 'proxy', may: ['lib/'] },
  { from: 'cli/', may: ['lib/', 'prisma/'] },
  { from: 'client/', may: [] },
  {
    from: 'prisma/',
    may: ['local/', 'lib/observability/', 'lib/db/role-powers', 'lib/config/database-urls'],
  },
] as const satisfies { from: string; may: readonly string[]; types?: readonly string[] }[];

/** The flows are the top layer of `lib`, below only `http`. */
const FLOWS = ['lib/connect/', 'lib/sync/', 'lib/webhooks/', 'lib/token/'] as const;

/** Forbids imports that lead back up to a higher layer, which {@link DIRECTIONS} alone would allow. */
export const NEVER_BACK = [
  { from: 'lib/db/', never: [...FLOWS, 'lib/http/', 'lib/installation/', 'lib/audit/', 'lib/github/'] },
  {
    from: 'lib/github/',
    never: [...FLOWS, 'lib/http/', 'lib/installation/', 'lib/audit/', 'lib/auth/', 'lib/api-keys/'],
  },
  {
    from: 'lib/rate-limit/',
    never: [...FLOWS, 'lib/http/', 'lib/installation/', 'lib/audit/', 'lib/auth/', 'lib/api-keys/'],
  },
  { from: 'lib/audit/', never: [...FLOWS, 'lib/http/', 'lib/installation/'] },
  { from: 'lib/auth/', never: [...FLOWS, 'lib/http/', 'lib/installation/', 'lib/api-keys/'] },
  { from: 'lib/credentials/', never: [...FLOWS, 'lib/http/', 'lib/api-keys/', 'lib/workload/'] },
  { from: 'lib/api-keys/', never: [...FLOWS, 'lib/http/'] },
  { from: 'lib/workload/', never: [...FLOWS, 'lib/http/'] },
  { from: 'lib/installation/', never: [...FLOWS, 'lib/http/'] },
  { from: 'lib/sync/', never: ['lib/http/', 'lib/connect/', 'lib/webhooks/', 'lib/token/'] },
  { from: 'lib/webhooks/', never: ['lib/http/', 'lib/connect/', 'lib/token/'] },
  { from: 'lib/connect/', never: ['lib/http/', 'lib/webhooks/', 'lib/token/'] },
  { from: 'lib/token/', never: ['lib/http/', 'lib/connect/', 'lib/sync/', 'lib/webhooks/'] },
] as const satisfies { from: string; never: readonly string[] }[];

/** Names the only places in shipped code that may use a certain package or global. */
const ONLY_IN = [
  {
    what: 'Octokit',
    pattern: /from '@octokit\/(?!openapi-)|import\('@octokit\//,
    allowed: ['lib/github/app.ts'],
  },
  { what: 'process.env', pattern: /\bprocess\.env\b/, allowed: ['lib/config.ts'] },
  { what: 'The offline GitHub', pattern: /from 'offline-github|import\('offline-github/, allowed: [] },
  // See docs/decisions/0016-sql-by-one-rule.md.
  { what: 'Unsafe SQL', pattern: /\$(?:query|execute)RawUnsafe/, allowed: [] },
  {
    what: 'Raw SQL of Prisma',
    pattern: /\$(?:query|execute)Raw(?!Unsafe)/,
    allowed: ['lib/db/'],
  },
  { what: 'The pool', pattern: /\bgetPool\b|from 'pg'/, allowed: ['lib/db/'] },
  { what: 'Prisma', pattern: /from '@prisma\/client|\/db\/generated/, allowed: ['lib/', 'cli/'] },
] as const;

const SHIPPED = ['app/', 'components/', 'lib/'];
const ROOTS = ['app', 'components', 'lib', 'cli', 'client', 'prisma'];
const ROOT_FILES = ['instrumentation.ts', 'proxy.ts'];
/** These folders have no rules about directions, but must not contain import cycles. */
const TOOLS = ['local', 'packages', 'bench', 'faults', 'e2e'];

/** Matches tests and their helpers (`test-….ts`). They may import anything, but no shipped file may import them. */
const IS_TEST = /(?:\.test|(?:^|\/)test-[\w-]+)(?:\.tsx?)?$/;

/** Returns each violation as `path: why`. */
export function findViolations(files: SourceFile[]): string[] {
  return files
    .filter((file) => !IS_TEST.test(file.path))
    .flatMap((file) => [...wrongImports(file), ...wrongPlaces(file)]);
}

function wrongImports(file: SourceFile): string[] {
  const direction = DIRECTIONS.find(({ from }) => file.path.startsWith(from));
  const never = NEVER_BACK.find(({ from }) => file.path.startsWith(from))?.never ?? [];
  const ownFolder = `${path.posix.dirname(file.path)}/`;
  const ownPart = direction === undefined || direction.from === 'lib/' ? ownFolder : direction.from;
  const allowed: readonly string[] = [ownPart, ...(direction?.may ?? [])];
  const typesOf: readonly string[] = direction !== undefined && 'types' in direction ? direction.types : [];
  const loaded = new Set(projectImports({ ...file, text: file.text.replace(/\bimport type\b[^;]*;/g, '') }));
  return projectImports(file)
    .filter((target) => {
      if (IS_TEST.test(target)) return true;
      if (never.some((prefix) => target.startsWith(prefix))) return true;
      if (!loaded.has(target) && typesOf.some((prefix) => target.startsWith(prefix))) return false;
      return direction !== undefined && !allowed.some((prefix) => target.startsWith(prefix));
    })
    .map((target) => `${file.path}: may not import ${target}`);
}

function wrongPlaces(file: SourceFile): string[] {
  if (!SHIPPED.some((folder) => file.path.startsWith(folder))) return [];
  const code = withoutComments(file.text);
  return ONLY_IN.filter(
    ({ pattern, allowed }) => pattern.test(code) && !allowed.some((prefix) => file.path.startsWith(prefix)),
  ).map(({ what, allowed }) => `${file.path}: ${what} is for ${allowed.join(', ') || 'tests'} only`);
}

/** Reads every file that ships. With `tools`, also reads the tools, which do not ship. */
export async function readProject({ tools = false } = {}): Promise<SourceFile[]> {
  const roots = tools ? [...ROOTS, ...TOOLS] : ROOTS;
  const entries = await Promise.all(
    roots.map((root) => readdir(root, { withFileTypes: true, recursive: true }).catch(() => [])),
  );
  const found = entries
    .flat()
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => path.join(entry.parentPath, entry.name).replaceAll(path.sep, '/'))
    .filter((file) => !file.includes('/generated/') && !file.includes('/node_modules/'));
  const texts = await Promise.all(
    [...found, ...ROOT_FILES].map((file) =>
      readFile(file, 'utf8').then(
        (text) => ({ path: file, text }),
        () => undefined,
      ),
    ),
  );
  return texts.filter((file) => file !== undefined);
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const all = await readProject({ tools: true });
  const violations = findViolations(await readProject());
  const cycles = findCycles(all);
  for (const violation of violations) console.error(violation);
  for (const cycle of cycles) console.error(`import cycle: ${cycle.join(' → ')}`);
  console.log(`imports: ${all.length} files, ${violations.length} violations, ${cycles.length} cycles`);
  process.exitCode = violations.length + cycles.length === 0 ? 0 : 1;
}
