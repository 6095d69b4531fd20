/**
 * `npm run screens` takes screenshots of every page in each of its states, at two widths and in both themes. It saves
 * them in an ignored directory. `npm run screens -- docs` retakes only those in README and docs, and leaves a file
 * unchanged if the screenshot looks the same. Both run the production build with invented users.
 */
import { execFile } from 'node:child_process';
import { mkdir, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { type BrowserContext, chromium } from '@playwright/test';
import { ensureBuild } from '../app/build';
import { type AppServer, startAppServer } from '../app/server';
import { ensureBrowser } from '../clients/browser';
import { HttpBrowser } from '../clients/http-browser';
import { connectGitHub, createWorkspace, signIn } from '../demo/customer';
import { type Services, startServices } from '../services';
import { startSigningIssuer } from '../services/workload-issuer';
import { fillOtherWorkspaces } from './data';
import { DOCS_FOLDER, IN_DOCS, PEOPLE, press, SHOTS, type Shot } from './list';
import { savePicture } from './picture';
import { makeSteady } from './steady';

/** Takes the pictures that README and docs show. git tracks them. */
const FOR_DOCS = process.argv[2] === 'docs';
const FOLDER = FOR_DOCS ? DOCS_FOLDER : '.local/screens';
const WIDTHS = { wide: { width: 1280, height: 800 }, narrow: { width: 390, height: 844 } } as const;
const THEMES = ['light', 'dark'] as const;
/** Takes only the pictures whose name contains this text, and keeps the other files. */
const ONLY = FOR_DOCS ? undefined : process.argv[2];

/** Adds members, workspaces and two API keys, and requests tokens, one of which is refused. */
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
  await admin('workspace:create', '--slug', 'hooli', '--name', 'Hooli', '--owner', 'sam@acme.test');
  await admin(
    'workspace:create',
    '--slug',
    'pied-piper',
    '--name',
    'Pied Piper',
    '--owner',
    'ines@acme.test',
  );
  await admin('member:add', '--workspace', 'hooli', '--email', 'mia@acme.test', '--role', 'member');
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

async function shoot(context: BrowserContext, services: Services, shot: Shot, suffix: string): Promise<void> {
  const page = await context.newPage();
  await page.goto(`${services.appUrl}${shot.path}`);
  await page.waitForLoadState('networkidle');
  await shot.before?.(page, services);
  await makeSteady(page);
  const { width, height } = page.viewportSize() ?? { width: 0, height: 0 };
  const clip = { x: 0, y: 0, width, height: shot.height ?? height };
  if (clip.height > height) await page.setViewportSize(clip);
  const png = await page.screenshot({ animations: 'disabled', clip });
  await savePicture(path.join(FOLDER, `${shot.name}-${suffix}.png`), png);
  await context.setOffline(false);
  await page.close();
}

function isWanted({ name, looks = [] }: Shot, look: string): boolean {
  if (FOR_DOCS) return IN_DOCS.includes(`${name}-${look}`);
  return name.includes(ONLY ?? '') && (looks.length === 0 || looks.includes(look));
}

async function main(): Promise<void> {
  await ensureBuild({ quiet: true });
  const issuer = await startSigningIssuer();
  const services = await startServices({ port: 3400, env: { WORKLOAD_ISSUERS: issuer.url } });
  let app: AppServer | undefined;
  try {
    app = await startAppServer({ mode: 'start', env: services.env });
    const customer = new HttpBrowser();
    await signIn(customer, app.url);
    await createWorkspace(customer);
    await connectGitHub(customer, services, ['acme/api', 'acme/web']);
    await fill(services);
    await fillOtherWorkspaces(services);
    if (ONLY === undefined && !FOR_DOCS) await rm(FOLDER, { recursive: true, force: true });
    await mkdir(FOLDER, { recursive: true });
    const { executablePath, args } = await ensureBrowser();
    const browser = await chromium.launch({ executablePath, args });
    for (const [width, viewport] of Object.entries(WIDTHS))
      for (const colorScheme of THEMES)
        for (const as of PEOPLE) {
          const look = `${width}-${colorScheme}`;
          const shots = SHOTS.filter((shot) => shot.as === as && isWanted(shot, look));
          if (shots.length === 0) continue;
          const context = await browser.newContext({ viewport, colorScheme, reducedMotion: 'reduce' });
          if (as !== 'nobody') await signInWith(context, app.url, `${as}@acme.test`);
          for (const shot of shots) await shoot(context, services, shot, look);
          await context.close();
        }
    await browser.close();
    console.log(`${(await readdir(FOLDER)).length} screens in ${FOLDER}`);
  } finally {
    await app?.stop();
    await services.close();
    await issuer.stop();
  }
}

async function signInWith(context: BrowserContext, url: string, email: string): Promise<void> {
  const page = await context.newPage();
  await page.goto(`${url}/sign-in`);
  await page.getByLabel('Email').fill(email);
  await press('Sign in')(page);
  await page.waitForURL((target) => !target.pathname.startsWith('/sign-in'));
  await page.close();
}

await main();
