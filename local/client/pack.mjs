/** Plain Node without packages from npm, because `local/bootstrap.mjs` runs it. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const ROOT = path.dirname(path.dirname(path.dirname(fileURLToPath(import.meta.url))));
const CLIENT = path.join(ROOT, 'client');
const PUBLIC = path.join(ROOT, 'public');

/**
 * The package that the app serves. npm keeps what it installed for a URL, so the URL has to change with the version
 * (`lib/contract/client-package.ts`).
 */
const { name, version } = JSON.parse(readFileSync(path.join(CLIENT, 'package.json'), 'utf8'));
export const PACKAGE = path.join(PUBLIC, `${name}-${version}.tgz`);

/** @type {import('./pack.d.mts').packClient} */
export async function packClient() {
  const folder = mkdtempSync(path.join(PUBLIC, '.packing-'));
  try {
    // Under `npm run`, use the same npm. It is a script, so this Node can run it.
    const { npm_execpath: npm = '' } = process.env;
    const [command, ...args] = /npm-cli\.[cm]?js$/.test(npm) ? [process.execPath, npm] : ['npm'];
    const options = ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder];
    await promisify(execFile)(command, [...args, ...options], { cwd: CLIENT });
    for (const file of readdirSync(PUBLIC))
      if (file.startsWith(`${name}-`) && file.endsWith('.tgz')) rmSync(path.join(PUBLIC, file));
    renameSync(path.join(folder, path.basename(PACKAGE)), PACKAGE);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
