/** Covers the account page: sessions that can be ended, and preferences. */
import { confirmBy } from './dialogs';
import { expect, signIn, test, unique } from './fixtures';

test('a user ends another session, and then all of them', { tag: '@narrow' }, async ({ page, browser }) => {
  const email = `${unique('ada')}@acme.test`;
  await signIn(page, email);
  const other = await browser.newContext({
    userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Firefox/140.0',
  });
  const elsewhere = await other.newPage();
  await signIn(elsewhere, email);

  await page.goto('/account');
  const sessions = page.getByRole('region', { name: 'Sessions' }).getByRole('listitem');
  await expect(sessions).toHaveCount(2);
  await expect(sessions.filter({ hasText: 'This session' })).toHaveCount(1);
  await sessions.filter({ hasText: 'Firefox on Linux' }).getByRole('button', { name: /^End/ }).click();
  await expect(page.getByText('Session ended', { exact: true })).toBeVisible();
  await expect(sessions).toHaveCount(1);
  await elsewhere.goto('/account');
  await expect(elsewhere).toHaveURL(/sign-in/);

  await signIn(elsewhere, email);
  await confirmBy(page, 'Sign out everywhere');
  await expect(page).toHaveURL(/sign-in/);
  for (const each of [page, elsewhere]) {
    await each.goto('/account');
    await expect(each).toHaveURL(/sign-in/);
  }
  await other.close();
});

test('a time zone is kept for all pages, without a script too', async ({ browser, page }) => {
  const email = `${unique('ada')}@acme.test`;
  await signIn(page, email);
  const context = await browser.newContext({
    javaScriptEnabled: false,
    storageState: await page.context().storageState(),
  });
  const plain = await context.newPage();
  await plain.goto('/account');
  await plain.getByLabel('Time zone').selectOption('Europe/Berlin');
  await plain.getByRole('button', { name: 'Save time zone' }).click();
  await expect(plain.getByText('Time zone saved', { exact: true })).toBeVisible();
  await expect(plain.getByLabel('Time zone')).toHaveValue('Europe/Berlin');
  await context.close();
});
