/** Gives tests access to the services started by the global setup (`local/test/browser-services.ts`). */
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import { test as base, type ConsoleMessage, type Page } from '@playwright/test';
import { type ControlClient, createControlClient } from 'offline-github';
import type { SharedPostgres } from '../local/services/postgres/server';

const run = promisify(execFile);

function required(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set: the global set-up has not run`);
  return value;
}

export const appUrl = (): string => required('E2E_APP_URL');
export const githubUrl = (): string => required('E2E_GITHUB_URL');
export const issuerUrl = (): string => required('E2E_ISSUER_URL');
export const appEnvironment = (): Record<string, string> => JSON.parse(required('E2E_APP_ENV'));
export const sharedPostgres = (): SharedPostgres => JSON.parse(required('E2E_POSTGRES'));
export const github = (): ControlClient => createControlClient(githubUrl());

/** Returns an identity token for the app with these claims, signed by the issuer that the app trusts. */
export async function identityToken(claims: Record<string, unknown>): Promise<string> {
  const body = JSON.stringify({ aud: appUrl(), ...claims });
  const response = await fetch(`${issuerUrl()}/sign`, { method: 'POST', body });
  return ((await response.json()) as { value: string }).value;
}

/** Returns a name that no other test or earlier run uses. */
export const unique = (prefix: string): string => `${prefix}-${randomUUID().slice(0, 8)}`;

/** Runs the operator's CLI in a separate process and returns its parsed JSON output. */
export async function admin<T>(args: string[], env = appEnvironment()): Promise<T> {
  const { stdout } = await run(process.execPath, ['--import', 'tsx', 'cli/admin.ts', ...args], {
    env: { ...process.env, ...env },
  });
  return JSON.parse(stdout) as T;
}

/** Signs in on the sign-in page with the dev login. */
export async function signIn(page: Page, email: string): Promise<void> {
  await page.goto('/sign-in');
  await page.getByLabel('Email').fill(email);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL((url) => !url.pathname.startsWith('/sign-in'));
}

/**
 * Triggers a page's periodic refresh by advancing the page's clock. Requires an earlier `page.clock.install()`. Apart
 * from these jumps, the clock runs at its normal pace.
 */
export const refreshSoon = (page: Page): Promise<void> => page.clock.fastForward(5_000);

/**
 * Fails a test if the browser logs an error or a warning, such as a policy violation or a hydration mismatch. Also
 * fails it if the app's requests to the local GitHub, or the responses, deviate from GitHub's OpenAPI description.
 */
export const test = base.extend<{ complaints: string[] }>({
  complaints: [
    async ({ page }, use) => {
      const complaints: string[] = [];
      const listen = (message: ConsoleMessage) => {
        // Add the URL, because the browser's message "Failed to load resource" doesn't say which resource.
        if (message.type() === 'error' || message.type() === 'warning')
          complaints.push(`${message.text()} (${message.location().url})`);
      };
      page.on('console', listen);
      page.on('pageerror', (error) => complaints.push(String(error)));
      await use(complaints);
      base.expect(complaints).toEqual([]);
      base.expect(await github().takeComplaints()).toEqual([]);
    },
    { auto: true },
  ],
});

/** Discards complaints about an expected 403 or 404 page, which the browser logs as an error. */
export function forgetStatus(complaints: string[]): void {
  const others = complaints.filter((text) => !/status of 40[34]/.test(text));
  complaints.splice(0, complaints.length, ...others);
}

/** Discards complaints about requests that a test let fail on their way: offline, or at a proxy. */
export function forgetFailedRequests(complaints: string[]): void {
  const others = complaints.filter((text) => !/ERR_INTERNET_DISCONNECTED|status of 502/.test(text));
  complaints.splice(0, complaints.length, ...others);
}

export { expect } from '@playwright/test';
