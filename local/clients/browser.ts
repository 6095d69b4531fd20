/** Finds a Chromium for the browser tests, or installs one. */
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from '@playwright/test';
import { CHROMIUM_SHELL, findProgram } from '../services/debian-programs';

/** A version that runs on Node 20. Its npm package contains a Chromium. */
const CHROMIUM_IN_NPM = '@sparticuz/chromium@141.0.0';
const LOCAL_FOLDER = path.resolve('.local/chromium');

const SYSTEM_NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome', 'chrome'];
const SYSTEM_PATHS = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/snap/bin/chromium',
];

export interface Browser {
  executablePath: string;
  args: string[];
}

export interface BrowserOptions {
  /**
   * Prefers Debian's headless Chromium, which halves the CPU time of browser tests. Screenshots and measurements leave
   * this off, so they use the same browser as people do.
   */
  shell?: boolean;
}

/**
 * Returns a browser, and installs one if necessary.
 *
 * @throws an error listing the attempts if none can be installed
 */
export async function ensureBrowser(options: BrowserOptions = {}): Promise<Browser> {
  const found = findBrowser(options) ?? (await installBrowser());
  return { executablePath: found, args: launchArgs() };
}

/**
 * Returns this machine's browser, or undefined if it has none.
 *
 * @throws if the file in PLAYWRIGHT_CHROMIUM cannot be run
 */
export function findBrowser({ shell = false }: BrowserOptions = {}): string | undefined {
  const named = process.env.PLAYWRIGHT_CHROMIUM;
  if (named) {
    if (!isExecutable(named)) throw new Error(`PLAYWRIGHT_CHROMIUM names ${named}, which cannot be run`);
    return named;
  }
  const folders = (process.env.PATH ?? '').split(path.delimiter);
  const candidates = [
    (shell && findProgram(CHROMIUM_SHELL)) || '',
    chromium.executablePath(),
    ...SYSTEM_NAMES.flatMap((name) => folders.map((folder) => path.join(folder, name))),
    ...SYSTEM_PATHS,
  ];
  return candidates.find((candidate) => candidate !== '' && isExecutable(candidate));
}

async function installBrowser(): Promise<string> {
  console.log('No Chromium on this machine: installing one…');
  const attempts: [string, () => Promise<string | undefined>][] = [
    ["Playwright's own download", fromPlaywright],
    ["Debian's package", fromDebian],
    [`npm's ${CHROMIUM_IN_NPM}`, fromNpm],
  ];
  for (const [, attempt] of attempts) {
    const installed = await attempt();
    if (installed !== undefined) return installed;
  }
  const tried = attempts.map(([name]) => name).join(', ');
  throw new Error(`No Chromium to be had (tried ${tried}). Install one and name it in PLAYWRIGHT_CHROMIUM.`);
}

async function fromPlaywright(): Promise<string | undefined> {
  // Install only the browser: without root, --with-deps would ask for a password.
  run(process.execPath, ['node_modules/@playwright/test/cli.js', 'install', 'chromium']);
  const installed = chromium.executablePath();
  return isExecutable(installed) && starts(installed) ? installed : undefined;
}

async function fromDebian(): Promise<string | undefined> {
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return undefined;
  run('apt-get', ['update', '-qq']);
  run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium']);
  return isExecutable('/usr/bin/chromium') ? '/usr/bin/chromium' : undefined;
}

async function fromNpm(): Promise<string | undefined> {
  mkdirSync(LOCAL_FOLDER, { recursive: true });
  writeFileSync(path.join(LOCAL_FOLDER, 'package.json'), '{"private":true}');
  run('npm', ['install', '--prefix', LOCAL_FOLDER, '--no-save', '--no-audit', '--no-fund', CHROMIUM_IN_NPM]);
  try {
    const entry = createRequire(path.join(LOCAL_FOLDER, 'package.json')).resolve('@sparticuz/chromium');
    const { default: packaged }: { default: { executablePath(): Promise<string> } } = await import(
      pathToFileURL(entry).href
    );
    const unpacked = await packaged.executablePath();
    return starts(unpacked) ? unpacked : undefined;
  } catch {
    return undefined;
  }
}

function run(command: string, args: string[]): void {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  spawnSync(command, args, { env, stdio: ['ignore', 'ignore', 'inherit'], timeout: 10 * 60_000 });
}

/** True if the browser starts. A downloaded one may need libraries that the system lacks. */
function starts(executable: string): boolean {
  return (
    spawnSync(executable, ['--version', ...launchArgs()], { stdio: 'ignore', timeout: 30_000 }).status === 0
  );
}

export function launchArgs(): string[] {
  return [
    // Chromium refuses to run as root with its sandbox.
    ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ];
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
