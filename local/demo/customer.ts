/** Acts as a customer in a browser without scripts: signs in, creates a workspace and connects GitHub. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { HttpBrowser } from '../clients/http-browser';
import { expect } from './steps';

/** How long a busy machine may take for the first sync. */
const FIRST_SYNC_MS = 60_000;

export const CUSTOMER = { email: 'olivia@acme.test', workspace: 'acme', github: 'olivia' } as const;

export async function signIn(browser: HttpBrowser, appUrl: string): Promise<void> {
  await browser.open(`${appUrl}/sign-in`);
  await browser.press('Sign in', { email: CUSTOMER.email });
  expect(browser.url.pathname === '/new', `signed in, and led to ${browser.url.pathname}`);
}

export async function createWorkspace(browser: HttpBrowser): Promise<void> {
  await browser.press('Create workspace', { name: 'Acme', slug: CUSTOMER.workspace });
  expect(
    browser.url.pathname === `/w/${CUSTOMER.workspace}/settings/github`,
    `led to ${browser.url.pathname}`,
  );
}

/** The parts of `Services` that this needs. Another process's GitHub has them by its control client. */
interface Connectable {
  github: { app: { name: string }; state: { repositoryByName(name: string): { id: number } | undefined } };
}

/** Connects GitHub: signs in there, chooses the repositories, authorizes the App, and returns to the settings page. */
export async function connectGitHub(
  browser: HttpBrowser,
  { github }: Connectable,
  repositories: string[],
): Promise<void> {
  await browser.press('Connect GitHub');
  await browser.press(`Sign in as ${CUSTOMER.github}`);
  await browser.follow('acme');
  const ids = repositories.map((name) => String(github.state.repositoryByName(name)?.id));
  await browser.press('Install', { install_target: 'selected', repository_ids: ids });
  await browser.press(`Authorize ${github.app.name}`);
  const outcome = browser.url.searchParams.get('notice');
  expect(outcome === 'connected', `the settings page says ${outcome ?? browser.text.slice(0, 200)}`);
  // A slow first sync goes on after the callback has responded.
  const isShown = (name: string) => browser.text.includes(name);
  const deadline = performance.now() + FIRST_SYNC_MS;
  while (!repositories.every(isShown) && performance.now() < deadline) {
    await sleep(500);
    await browser.open(browser.url.href);
  }
  for (const name of repositories) expect(isShown(name), `the settings page does not show ${name}`);
}
