/** Follows "A new environment" of docs/operations.md to the letter, from an empty database to a clone. */
import { randomUUID } from 'node:crypto';
import { expect, test } from '@playwright/test';
import { HttpBrowser } from '../../local/clients/http-browser';
import { runAsSuperuser } from '../../local/services/postgres/databases';
import {
  type FreshMachine,
  HOSTS,
  prepareFreshMachine,
  type RunningCommand,
  whyNoFreshMachine,
} from './fresh-machine';
import { blocksOf, chapterOf, fillIn } from './operations-document';

const DOCUMENT = 'docs/operations.md';
const CHAPTER = '## A new environment';
const [BUILD, REGISTER, SETTINGS, START, DOCTOR, WORKSPACE, MINT = '', LAST_DOCTOR, ...more] = blocksOf(
  DOCUMENT,
  CHAPTER,
);
const reason = whyNoFreshMachine();
test.skip(reason !== undefined, reason ?? '');

let machine: FreshMachine;
/** The operator's values for the document's words in capital letters. */
let words: Record<string, string>;
let app: RunningCommand;
test.beforeAll(async () => {
  if (reason !== undefined) return;
  machine = await prepareFreshMachine();
  words = {
    APP_NAME: 'PulseStream Staging',
    PUBLIC_HOST: HOSTS.app,
    GITHUB_HOST: HOSTS.github,
    OWNER_PASSWORD: randomUUID(),
    APP_PASSWORD: randomUUID(),
    DATABASE_HOST: `localhost:${machine.postgres.server.port}`,
    REDIS_USER: 'default',
    REDIS_PASSWORD: randomUUID(),
    REDIS_HOST: `localhost:${new URL(machine.redis.url).port}`,
    ISSUER_HOST: HOSTS.issuer,
    OIDC_CLIENT: 'oidc-client',
    OIDC_SECRET: 'oidc-secret',
    OUR_ADDRESSES: '93.184.216.34',
    OWNER_EMAIL: 'olivia@acme.test',
  };
});
test.afterAll(() => machine?.close());

test('docs/operations.md leads from nothing to a clone, with every check of the doctor green', async () => {
  expect(more).toEqual([]);
  const fill = (text = '') => fillIn(text, words);

  await test.step('1 is done: the set-up of these tests installs and builds', () => {
    expect(BUILD).toBe('npm ci\nnpm run build\n');
  });

  await test.step('2 registers the App', () =>
    register(fill(`${REGISTER?.trim()} ${optionsForAnotherGitHub()}`)));

  await test.step('3 creates roles and database', async () => {
    const [sql = ''] = blocksOf(DOCUMENT, CHAPTER, 'sql');
    // Each by itself, as psql sends them.
    for (const statement of fill(sql).trim().split(/;\s*/).filter(Boolean))
      await runAsSuperuser(machine.postgres.server, (client) => client.query(statement));
  });

  await test.step('4 writes the settings', async () => {
    await machine.run(fill(SETTINGS));
    await machine.run(`echo PORT=${machine.port} >> .env; echo HOSTNAME=127.0.0.1 >> .env`);
    expect(await machine.run('stat -c %a .env migration.env')).toBe('600\n600\n');
  });

  await test.step('5 migrates and starts', async () => {
    app = machine.start(fill(START));
    machine.keepLog(app);
    await expect.poll(() => isReady(app), { timeout: 120_000 }).toBe(true);
    expect(app.output()).toContain('ready to serve');
    // The app must not have the owner role, which could rewrite the audit log.
    const command = `grep -lsa ${words.OWNER_PASSWORD} /proc/[0-9]*/environ || true`;
    expect(await machine.run(command)).toBe('');
  });

  const [loadSettings = '', doctor = ''] = (DOCTOR ?? '').trim().split('\n');
  const inSecondTerminal = (command = '') => machine.run(`${loadSettings}\n${fill(command)}`);
  await test.step('6 finds no fault, and warns as the document says', async () => {
    const found = checks(await inSecondTerminal(doctor));
    expect([found.FAIL, found.warn]).toEqual([undefined, documentedWarnings()]);
  });

  const key = await test.step('7 creates a workspace and a key', async () => {
    const answers = jsonOf(await inSecondTerminal(WORKSPACE));
    return String(answers.at(-1)?.key);
  });

  await test.step('8 connects GitHub', connect);

  await test.step('9 mints and clones, and the doctor has nothing to add', async () => {
    const ours = MINT.replace('https://control-plane.example', `https://${HOSTS.app}`).replaceAll(
      'https://github.com',
      `https://${HOSTS.github}`,
    );
    await machine.run(`PULSESTREAM_API_KEY=${key}\n${ours}`);
    expect(await machine.run('git -C api rev-parse HEAD')).toBe(
      `${await machine.github.headOf('acme/api')}\n`,
    );
    const found = checks(await inSecondTerminal(LAST_DOCTOR));
    expect([found.FAIL, found.warn]).toEqual([undefined, undefined]);
    expect(found.ok).toContainEqual(expect.stringMatching(/^connection-\d+$/));
  });
});

/** Returns the options that step 2 names for another GitHub than github.com. */
function optionsForAnotherGitHub(): string {
  const [, options = ''] =
    /`(--web-url https:\/\/GITHUB_HOST --api-url\s+\S+)`/.exec(chapterOf(DOCUMENT, CHAPTER)) ?? [];
  expect(options).not.toBe('');
  return options;
}

/** Runs the command, and presses the buttons on the pages of the command and of GitHub. */
async function register(command: string): Promise<void> {
  const registering = machine.start(command);
  const address = () => /http:\/\/127\.0\.0\.1:\d+\/[\w-]+/.exec(registering.output())?.[0];
  await expect.poll(address).toBeDefined();
  const browser = new HttpBrowser();
  await browser.open(`https://${HOSTS.github}/login`);
  await browser.press('Sign in as olivia');
  await browser.open(address() ?? '');
  await browser.press('Go to GitHub');
  await browser.press('Create GitHub App for olivia');
  expect(await registering.ended).toBe(0);
  expect(registering.output()).not.toContain(machine.github.app.clientSecret);
}

async function isReady({ output, ended }: RunningCommand): Promise<boolean> {
  const exit = await Promise.race([ended.then((code) => ({ code })), Promise.resolve(undefined)]);
  if (exit !== undefined) throw new Error(`the app ended with ${exit.code}:\n${output()}`);
  const response = await fetch(`https://${HOSTS.app}/api/health/ready`).catch(() => undefined);
  return response?.ok ?? false;
}

/** Returns the checks' ids by their status, from the lines that the doctor prints. */
function checks(output: string): Record<string, string[]> {
  const found: Record<string, string[]> = {};
  for (const [, status = '', id = ''] of output.matchAll(/^(ok|warn|FAIL) +(\S+) /gm))
    found[status] = [...(found[status] ?? []), id];
  expect(found.ok?.length).toBeGreaterThan(20);
  return found;
}

/** Returns the checks that step 6 says will warn. */
function documentedWarnings(): string[] {
  const [, list = ''] = /these warn[^:]*:\s*([^.]*)\./.exec(chapterOf(DOCUMENT, CHAPTER)) ?? [];
  return [...list.matchAll(/`([\w-]+)`/g)].map(([, id = '']) => id);
}

function jsonOf(output: string): Record<string, unknown>[] {
  return output
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

/** Signs in at the public origin, and connects two repositories. */
async function connect(): Promise<void> {
  const { github, identity } = machine;
  identity.state.claims = { email: words.OWNER_EMAIL, email_verified: true, name: 'Olivia' };
  const browser = new HttpBrowser();
  await browser.open(`https://${HOSTS.app}/sign-in`);
  await browser.press('Continue with Single sign-on');
  await browser.open(`https://${HOSTS.app}/w/acme/settings/github`);
  await browser.press('Connect GitHub');
  await browser.press('Sign in as olivia');
  await browser.follow('acme');
  const ids = ['acme/api', 'acme/web'].map((name) => String(github.state.repositoryByName(name)?.id));
  await browser.press('Install', { install_target: 'selected', repository_ids: ids });
  await browser.press(`Authorize ${github.app.name}`);
  expect(browser.url.searchParams.get('notice')).toBe('connected');
  await github.flush();
}
