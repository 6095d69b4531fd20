/** Connects the local GitHub's organization acme in a browser. */
import type { Page } from '@playwright/test';
import { github } from './fixtures';

/** Removes the installations and authorizations left behind by earlier tests. */
export async function clearInstallations(): Promise<void> {
  const { installations } = await github().state();
  for (const { id } of installations) await github().actions.uninstall({ installation: id });
  await github()
    .actions.revokeAuthorization({ login: 'olivia' })
    .catch(() => {});
  await github().flush();
}

/** Starts at a workspace's GitHub settings, and shares acme/api and acme/web with it. */
export async function installOnAcme(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Connect GitHub' }).click();
  await page.getByRole('button', { name: 'Sign in as olivia' }).click();
  await page.getByRole('link', { name: 'acme' }).click();
  await page.getByLabel(/only select repositories/i).check();
  await page.getByLabel('acme/api').check();
  await page.getByLabel('acme/web').check();
  await page.getByRole('button', { name: 'Install' }).click();
  await page.getByRole('button', { name: /^Authorize/ }).click();
}
