/**
 * `npx tsx local/import-directions.ts`: imports go one way (docs: architecture). One table of rules, read from
 * the top: the first row that matches a file decides what it may import of the project, and a second table says
 * which packages and globals belong to one place only.
 */
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

/** `from`: files by the beginning of their path. `may`: what they may import, likewise; their own folder always. */
export const DIRECTIONS = [
  { from: 'app/', may: ['components/', 'lib/'] },
  { from: 'components/', may: ['lib/contract/'] },
  { from: 'lib/contract/', may: [] },
  { from: 'lib/config', may: [] },
  { from: 'lib/problem', may: ['lib/contract/'] },
  { from: 'lib/observability/', may: ['lib/config'] },
  { from: 'lib/', may: ['lib/'] },
  { from: 'instrumentation', may: ['lib/'] },
  { from: 'proxy', may: ['lib/'] },
  { from: 'cli/', may: ['lib/', 'prisma/'] },
  { from: 'client/', may: [] },
  {
    from: 'prisma/',
    may: ['local/', 'lib/observability/', 'lib/db/role-powers', 'lib/config/database-urls'],
  },
] as const satisfies { from: string; may: readonly string[] }[];

/** What the product does, on top of what it knows. */
const FLOWS = ['lib/connect/', 'lib/sync/', 'lib/webhooks/', 'lib/token/'] as const;

/** Never, although the row above would allow it: the way back. */
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
  { from: 'lib/api-keys/', never: [...FLOWS, 'lib/http/'] },
  { from: 'lib/installation/', never: [...FLOWS, 'lib/http/'] },
  { from: 'lib/sync/', never: ['lib/http/', 'lib/connect/', 'lib/webhooks/', 'lib/token/'] },
  { from: 'lib/webhooks/', never: ['lib/http/', 'lib/connect/', 'lib/token/'] },
  { from: 'lib/connect/', never: ['lib/http/', 'lib/webhooks/', 'lib/token/'] },
  { from: 'lib/token/', never: ['lib/http/', 'lib/connect/', 'lib/sync/', 'lib/webhooks/'] },
] as const satisfies { from: string; never: readonly string[] }[];

/** What only one place may touch, within what ships. */
const ONLY_IN = [
  { what: 'Octokit', pattern: /from '@octokit\/(?!openapi-)|import\('@octokit\//, allowed: ['lib/github/'] },
  { what: 'process.env', pattern: /\bprocess\.env\b/, allowed: ['lib/config.ts'] },
  { what: 'Prisma', pattern: /from '@prisma\/client|\/db\/generated/, allowed: ['lib/', 'cli/'] },
] as const;

const SHIPPED = ['app/', 'components/', 'lib/'];
const ROOTS = ['app', 'components', 'lib', 'cli', 'client', 'prisma'];
const ROOT_FILES = ['instrumentation.ts', 'proxy.ts'];

export interface SourceFile {
  /** Relative to the project, with forward slashes. */
  path: string;
  text: string;
}

/** Tests and what supports them (`test-….ts`): they may import anything, and nothing that ships imports them. */
const IS_TEST = /(?:\.test|(?:^|\/)test-[\w-]+)(?:\.tsx?)?$/;

/** Each violation as `path: why`. */
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
  return projectImports(file)
    .filter((target) => {
      if (IS_TEST.test(target)) return true;
      if (never.some((prefix) => target.startsWith(prefix))) return true;
      return direction !== undefined && !allowed.some((prefix) => target.startsWith(prefix));
    })
    .map((target) => `${file.path}: may not import ${target}`);
}

function wrongPlaces(file: SourceFile): string[] {
  if (!SHIPPED.some((folder) => file.path.startsWith(folder))) return [];
  const code = withoutComments(file.text);
  return ONLY_IN.filter(
    ({ pattern, allowed }) => pattern.test(code) && !allowed.some((prefix) => file.path.startsWith(prefix)),
  ).map(({ what, allowed }) => `${file.path}: ${what} is for ${allowed.join(', ')} only`);
}

/** The project's own files that this one imports, types included, as paths from the root. */
function projectImports({ path: from, text }: SourceFile): string[] {
  const specifiers = withoutComments(text).matchAll(/(?:\bfrom|\bimport\s*\(|\bimport)\s*['"]([^'"]+)['"]/g);
  return [...specifiers].flatMap(([, specifier = '']) => {
    if (specifier.startsWith('@/')) return [specifier.slice(2)];
    if (specifier.startsWith('.')) return [path.posix.join(path.posix.dirname(from), specifier)];
    return [];
  });
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '');
}

export async function readProject(): Promise<SourceFile[]> {
  const entries = await Promise.all(
    ROOTS.map((root) => readdir(root, { withFileTypes: true, recursive: true }).catch(() => [])),
  );
  const found = entries
    .flat()
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => path.join(entry.parentPath, entry.name).replaceAll(path.sep, '/'))
    .filter((file) => !file.includes('/generated/'));
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
  const files = await readProject();
  const violations = findViolations(files);
  for (const violation of violations) console.error(violation);
  console.log(`import directions: ${files.length} files, ${violations.length} violations`);
  process.exitCode = violations.length === 0 ? 0 : 1;
}
