/** Runs the production build if a source has changed since the last one. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { withFileLock } from '../process/file-lock.mjs';
import { completeStandalone } from './complete-standalone.mjs';
import { shareChunks } from './share-chunks.mjs';

const STAMP = '.next/pulsestream-build';
const LOCK = '.local/build.lock';
const NEXT = 'node_modules/next/dist/bin/next';

/** The files and folders that a build depends on. */
const SOURCES = [
  'app',
  'components',
  'lib',
  'public',
  // The Trust page serves the next three documents.
  'docs/claims.md',
  'docs/threat-model.md',
  'docs/audit-chain.md',
  'instrumentation.ts',
  'proxy.ts',
  'next.config.js',
  'next.config.ts',
  'postcss.config.mjs',
  'tsconfig.json',
  'package-lock.json',
  'local/app/share-chunks.mjs',
  'local/app/complete-standalone.mjs',
  // `.next/standalone` holds the operator's commands and the migrations.
  'cli',
  'prisma',
];

/**
 * Builds if a source has changed.
 *
 * @returns true if it had to build
 * @throws if `next build` fails, after printing its output
 */
export async function ensureBuild({ quiet = false } = {}): Promise<boolean> {
  return withFileLock(LOCK, 'Waiting for another build of this checkout…', async () => {
    const id = await sourcesId();
    if ((await readFile(STAMP, 'utf8').catch(() => '')) === id) return false;
    await rm(STAMP, { force: true });
    await runNextBuild(quiet);
    shareChunks();
    await completeStandalone();
    await writeFile(STAMP, id);
    return true;
  });
}

/** Next's message while another `next build`, started by hand, holds Next's own lock. */
const NEXT_LOCKED = 'Another next build process is already running';
const NEXT_LOCK_TIMEOUT_MS = 5 * 60_000;

async function runNextBuild(quiet: boolean): Promise<void> {
  const deadline = Date.now() + NEXT_LOCK_TIMEOUT_MS;
  for (;;) {
    const { code, output } = await nextBuild(quiet);
    if (code === 0) return;
    if (!output.includes(NEXT_LOCKED) || Date.now() > deadline) {
      if (quiet) process.stderr.write(output);
      throw new Error('next build failed');
    }
    await sleep(2_000);
  }
}

async function nextBuild(quiet: boolean): Promise<{ code: unknown; output: string }> {
  const child = spawn(process.execPath, [NEXT, 'build'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1' },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk;
      if (!quiet) process.stdout.write(chunk);
    });
  }
  const [code] = await once(child, 'close');
  return { code, output };
}

async function sourcesId(): Promise<string> {
  const hash = createHash('sha256');
  for (const source of SOURCES) {
    for (const file of await filesIn(source)) {
      hash.update(`${file}\0`).update(await readFile(file));
    }
  }
  return hash.digest('hex');
}

async function filesIn(source: string): Promise<string[]> {
  const entries = await readdir(source, { withFileTypes: true, recursive: true }).catch(
    (error: NodeJS.ErrnoException) => error.code,
  );
  if (entries === 'ENOTDIR') return [source];
  if (!Array.isArray(entries)) return [];
  return entries
    .filter((entry) => entry.isFile() && !/\.test\.tsx?$/.test(entry.name))
    .map((entry) => path.join(entry.parentPath, entry.name))
    .sort();
}
