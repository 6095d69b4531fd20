import type { Page } from '@playwright/test';

/** Opens a dialog by its button, and confirms what it asks by the button in it. */
export async function confirmBy(page: Page, opener: string, button = opener): Promise<void> {
  await page.getByRole('button', { name: opener }).click();
  await page.getByRole('dialog').getByRole('button', { name: button, exact: true }).click();
}
