/**
 * `npm run screens`: every page in its states, as a customer sees it, into docs/screens/. Its own services, made-up
 * people, and the production build. Wide in light, narrow in dark.
 */
import { execFile } from 'node:child_process';
import { mkdir, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { type BrowserContext, chromium, type Page } from '@playwright/test';
import { CONNECT_OUTCOMES } from '../lib/connection/outcomes';
import { type AppServer, startAppServer } from './app-server';
import { ensureBrowser } from './browser';
import { ensureBuild } from './build';
import { connectGitHub, createWorkspace, signIn } from './demo/customer';
import { HttpBrowser } from './http-browser';
import { type Services, startServices } from './services';

const FOLDER = 'docs/screens';
const LOOKS = [
  { suffix: 'wide', viewport: { width: 1280, height: 800 }, colorScheme: 'light' },
  { suffix: 'narrow', viewport: { width: 390, height: 844 }, colorScheme: 'dark' },
] as const;

type Shot = {
  name: string;
  path: string;
  as: 'olivia' | 'mia' | 'nobody';
  before?: (page: Page) => Promise<unknown>;
  /** Only so much of the page from its top, in pixels. */
  height?: number;
};

const press = (name: string) => (page: Page) => page.getByRole('button', { name }).first().click();

const NOWHERE: ReadonlySet<string> = new Set(['unknown_attempt', 'other_user']);

const SHOTS: Shot[] = [
  { name: 'sign-in', path: '/sign-in', as: 'nobody' },
  { name: 'first-run', path: '/new', as: 'mia' },
  { name: 'github-not-connected', path: '/w/globex/settings/github', as: 'olivia' },
  { name: 'github', path: '/w/acme/settings/github', as: 'olivia' },
  { name: 'github-disconnect', path: '/w/acme/settings/github', as: 'olivia', before: press('Disconnect') },
  // How an attempt to connect can end, said where it began, or where nobody knows where that was.
  ...Object.keys(CONNECT_OUTCOMES).map((outcome) => ({
    name: `connect-${outcome.replaceAll('_', '-')}`,
    path: `${NOWHERE.has(outcome) ? '/connect/github' : '/w/globex/settings/github'}?outcome=${outcome}`,
    as: 'olivia' as const,
    height: 480,
  })),
  {
    name: 'github-approvals',
    path: '/dev/components?part=github',
    as: 'olivia',
    before: showState('waiting for approval'),
  },
  {
    name: 'github-backing-off',
    path: '/dev/components?part=github',
    as: 'olivia',
    before: showState('active, backing off'),
  },
  {
    name: 'github-suspended',
    path: '/dev/components?part=github',
    as: 'olivia',
    before: showState('suspended'),
  },
  { name: 'api-keys', path: '/w/acme/settings/api-keys', as: 'olivia' },
  { name: 'api-key-new', path: '/w/acme/settings/api-keys/new', as: 'olivia', before: chooseRepositories },
  { name: 'api-key-shown-once', path: '/w/globex/settings/api-keys/new', as: 'olivia', before: createKey },
  { name: 'members', path: '/w/acme/settings/members', as: 'olivia' },
  { name: 'audit-log', path: '/w/acme/audit-log', as: 'olivia' },
  {
    name: 'audit-event',
    path: '/w/acme/audit-log?type=github.token_minted',
    as: 'olivia',
    before: openEvent,
  },
  { name: 'audit-verified', path: '/w/acme/audit-log?verify=1', as: 'olivia' },
  { name: 'audit-compare', path: '/w/acme/audit-log/compare', as: 'olivia' },
  { name: 'trust', path: '/trust?workspace=acme', as: 'olivia' },
  { name: 'not-found', path: '/w/somebody-else/settings/github', as: 'olivia' },
];

async function chooseRepositories(page: Page): Promise<void> {
  await page.getByLabel('Name').fill('nightly-scan');
  await page.getByText('Only these').click();
  await page.getByLabel('acme/api').check();
}

async function createKey(page: Page): Promise<void> {
  await page.getByLabel('Name').fill('analysis-engine');
  await press('Create API key')(page);
  const key = page.getByRole('region', { name: 'API key' });
  await key.waitFor();
  // A key of a database that is gone in a minute; secret scanners cannot know that.
  await page.evaluate(() => {
    for (const code of document.querySelectorAll('code'))
      code.textContent =
        code.textContent?.replace(/(psk_demo_\w{4})\w+/, '$1••••••••••••••••••••••••••') ?? '';
  });
}

/** Of the page that shows every component in every state. */
function showState(label: string) {
  return (page: Page) =>
    page
      .getByText(label, { exact: true })
      .first()
      .evaluate((element) => element.scrollIntoView({ block: 'start' }));
}

async function openEvent(page: Page): Promise<void> {
  const event = page.locator('ol summary').first();
  await event.click();
  await event.evaluate((element) => element.scrollIntoView());
}

/** A workspace that has something to show: three people, two keys, some tokens, some refusals. */
async function fill({ env, appUrl }: Services): Promise<void> {
  const admin = async (...args: string[]): Promise<{ key?: string }> => {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--import', 'tsx', 'cli/admin.ts', ...args],
      { env: { ...process.env, ...env } },
    );
    return JSON.parse(stdout);
  };
  const acme = ['--workspace', 'acme'];
  await admin('member:add', ...acme, '--email', 'sam@acme.test', '--role', 'admin');
  await admin('member:add', ...acme, '--email', 'mona@acme.test', '--role', 'member');
  await admin('workspace:create', '--slug', 'globex', '--name', 'Globex', '--owner', 'olivia@acme.test');
  await admin(
    'api-key:create',
    ...acme,
    '--name',
    'nightly-scan',
    '--repositories',
    'acme/api',
    '--expires-in',
    '5d',
  );
  const { key } = await admin('api-key:create', ...acme, '--name', 'analysis-engine');
  for (const repository of ['api', 'web', 'api', 'infra', 'api', 'web'])
    await fetch(`${appUrl}/api/v1/internal/github/token`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ repositories: [`acme/${repository}`] }),
    });
}

async function shoot(context: BrowserContext, { url }: AppServer, shot: Shot, suffix: string): Promise<void> {
  const page = await context.newPage();
  await page.goto(`${url}${shot.path}`);
  await page.waitForLoadState('networkidle');
  await shot.before?.(page);
  const { width, height } = page.viewportSize() ?? { width: 0, height: 0 };
  await page.screenshot({
    path: path.join(FOLDER, `${shot.name}-${suffix}.png`),
    animations: 'disabled',
    clip: { x: 0, y: 0, width, height: Math.min(height, shot.height ?? height) },
  });
  await page.close();
}

async function main(): Promise<void> {
  await ensureBuild({ quiet: true });
  const services = await startServices({ port: 3400, env: { RATE_LIMIT_INTERNAL_PER_MINUTE: '1000' } });
  let app: AppServer | undefined;
  try {
    app = await startAppServer({ mode: 'start', env: services.env });
    const customer = new HttpBrowser();
    await signIn(customer, app.url);
    await createWorkspace(customer);
    await connectGitHub(customer, services, ['acme/api', 'acme/web']);
    await fill(services);
    await rm(FOLDER, { recursive: true, force: true });
    await mkdir(FOLDER, { recursive: true });
    const { executablePath, args } = await ensureBrowser();
    const browser = await chromium.launch({ executablePath, args });
    for (const { suffix, viewport, colorScheme } of LOOKS)
      for (const as of ['nobody', 'mia', 'olivia'] as const) {
        const context = await browser.newContext({ viewport, colorScheme, reducedMotion: 'reduce' });
        if (as !== 'nobody') await signInWith(context, app.url, `${as}@acme.test`);
        for (const shot of SHOTS.filter((candidate) => candidate.as === as))
          await shoot(context, app, shot, suffix);
        await context.close();
      }
    await browser.close();
    console.log(`${(await readdir(FOLDER)).length} screens in ${FOLDER}`);
  } finally {
    await app?.stop();
    await services.close();
  }
}

async function signInWith(context: BrowserContext, url: string, email: string): Promise<void> {
  const page = await context.newPage();
  await page.goto(`${url}/sign-in`);
  await page.getByLabel('E-mail').fill(email);
  await press('Sign in')(page);
  await page.waitForURL((target) => !target.pathname.startsWith('/sign-in'));
  await page.close();
}

await main();
