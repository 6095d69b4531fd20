/**
 * Completes `.next/standalone`, which `next build` writes and the image holds. Adds what Next leaves out, and the
 * operator's commands as bundles, which need neither TypeScript nor other packages.
 */
import { cpSync, existsSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { shareChunks } from './share-chunks.mjs';

const STANDALONE = '.next/standalone';

/** Copied to the same path, unless another is given. Next expects these two of its own folders to be copied. */
const COPIES = {
  '.next/static': '.next/static',
  public: 'public',
  'lib/observability/hold-output.mjs': 'lib/observability/hold-output.mjs',
  'lib/server/hold-requests.mjs': 'lib/server/hold-requests.mjs',
  // The commands read these beside their own file, and a role of the database is granted by them.
  'prisma/migrations': 'cli/migrations',
  'prisma/schema.prisma': 'cli/schema.prisma',
  'prisma/grants.sql': 'cli/grants.sql',
  // The pages of documents render these (lib/trust/documents.ts).
  'docs/claims.md': 'docs/claims.md',
  'docs/threat-model.md': 'docs/threat-model.md',
  'docs/audit-chain.md': 'docs/audit-chain.md',
  'docs/evidence-pack.md': 'docs/evidence-pack.md',
  // The engine that applies migrations. Its own loader finds the WebAssembly file.
  'node_modules/@prisma/schema-engine-wasm': 'node_modules/@prisma/schema-engine-wasm',
};

/**
 * The image optimizer's native code, 20 MB that Next adds although the optimizer is off. And colours for a terminal, which a
 * package uses if a development dependency happens to bring them.
 */
const NOT_NEEDED = [
  'node_modules/sharp',
  'node_modules/@img',
  'node_modules/supports-color',
  'node_modules/has-flag',
];

/**
 * Next copies the whole project, tests included, if code reads a file whose path is known only at run time. The comment
 * `turbopackIgnore` in such a call prevents that.
 */
const SIGN_OF_WHOLE_PROJECT = 'e2e';

const COMMANDS = { admin: 'cli/admin.ts', doctor: 'cli/doctor.ts', migrate: 'prisma/migrate.ts' };

export async function completeStandalone() {
  // A build by an older version of this project has none.
  if (!existsSync(STANDALONE)) return;
  if (existsSync(path.join(STANDALONE, SIGN_OF_WHOLE_PROJECT)))
    throw new Error(
      `the build copied the whole project to ${STANDALONE}: a file is read without turbopackIgnore`,
    );
  for (const folder of NOT_NEEDED) rmSync(path.join(STANDALONE, folder), { recursive: true, force: true });
  rmSync(path.join(STANDALONE, 'cli'), { recursive: true, force: true });
  for (const [from, to] of Object.entries(COPIES)) {
    rmSync(path.join(STANDALONE, to), { recursive: true, force: true });
    cpSync(from, path.join(STANDALONE, to), { recursive: true, dereference: true });
  }
  shareChunks(path.join(STANDALONE, '.next/server/chunks'));
  await build({
    entryPoints: COMMANDS,
    outdir: path.join(STANDALONE, 'cli'),
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    target: 'node20.19',
    external: ['pg-native'],
    banner: {
      // Packages in CommonJS call `require` for Node's own modules.
      js: "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);",
    },
    logLevel: 'warning',
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await completeStandalone();
