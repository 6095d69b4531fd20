/** Covers the Trust page and its documents: what they show, to whom, and in print. */
import { readFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import { readKeys } from '../lib/evidence/keys';
import { verifyEvidence } from '../lib/evidence/signature';
import { confirmBy } from './dialogs';
import { appUrl, expect, test } from './fixtures';
import { newMember, newOwner, type Person, signInAs } from './people';
import { tamperWith } from './tampering';

let owner: Person;
let member: Person;
let outsider: Person;
test.beforeAll(async () => {
  owner = await newOwner('Acme');
  [member, outsider] = await Promise.all([newMember(owner.slug, 'member'), newOwner('Globex')]);
});

/** The claims that docs/claims.md lists. */
const CLAIMS = 24;
const MOST_WORDS = 500;

test('the Trust page answers six questions, and shows every claim once without its number', async ({
  page,
}) => {
  await page.goto('/trust');
  const questions = page.getByRole('term').filter({ hasText: /\?/ });
  await expect(questions).toHaveCount(6);
  await expect(page.locator('li[data-state]')).toHaveCount(CLAIMS);
  expect((await page.locator('main').allInnerTexts()).join()).not.toMatch(/\bC\d\d\b/);
  await expect(page.getByText('contents: read', { exact: true })).toBeVisible();
});

test('the Trust page has at most 500 words before its evidence', { tag: '@narrow' }, async ({ page }) => {
  await page.goto('/trust');
  const before = await page.locator('main').evaluate(readShownText);
  const words = before.split(/\s+/).filter((word) => /\w/.test(word));
  expect(words.length).toBeGreaterThan(200);
  expect(words.length).toBeLessThanOrEqual(MOST_WORDS);
});

/**
 * Returns the text that a reader sees above the evidence. Words for screen readers repeat the marks and the legend. The
 * page itself stays as it is, because React may still be hydrating it.
 */
function readShownText(main: Element): string {
  const evidence = document.getElementById('evidence');
  const walker = document.createTreeWalker(main, NodeFilter.SHOW_TEXT);
  const shown: string[] = [];
  while (walker.nextNode()) {
    const { currentNode } = walker;
    const { parentElement } = currentNode;
    if (evidence?.contains(currentNode)) break;
    if (parentElement?.checkVisibility() && parentElement.closest('.sr-only') === null)
      shown.push(currentNode.textContent ?? '');
  }
  return shown.join(' ');
}

test('only members see the head of their workspace’s chain on the Trust page', async ({ page, context }) => {
  const head = page.getByText(/^Head of the audit chain/);
  await page.goto(`/trust?workspace=${owner.slug}`);
  await expect(head).toHaveCount(0);
  await signInAs(context, member);
  await page.goto(`/trust?workspace=${owner.slug}`);
  await expect(head).toBeVisible();
  await context.clearCookies();
  await signInAs(context, outsider);
  await page.goto(`/trust?workspace=${owner.slug}`);
  await expect(head).toHaveCount(0);
});

test('the Trust page calls a broken chain broken and does not contradict that', async ({ page, context }) => {
  const victim = await newOwner('Broken');
  await signInAs(context, victim);
  await page.goto(`/trust?workspace=${victim.slug}`);
  const claim = page.locator('#append-only');
  await expect(claim).toHaveAttribute('data-state', 'holds');
  await tamperWith(victim.slug, 1, 'change its details');
  // Retry, because the verification's result is cached for all users, so the page may show the old one for a while.
  await expect(async () => {
    await page.reload();
    await expect(claim.getByText('Does not hold')).toBeVisible({ timeout: 1_000 });
  }).toPass();
  await claim.locator('summary').click();
  await expect(claim).toContainText('Event 1 does not fit the chain of your workspace');
  await expect(page.getByText('The chain is broken at event 1')).toBeVisible();
  await expect(page.getByText(/nobody can change|cannot be changed/i)).toHaveCount(0);
  const answer = page.locator('div[data-state]', { hasText: 'How do we check?' });
  await expect(answer).toHaveAttribute('data-state', 'does_not_hold');
});

test('an answer leads to its claim, and the claim to its evidence', async ({ page }) => {
  await page.goto('/trust');
  await page.getByRole('link', { name: 'Evidence: Can you write to our code?' }).click();
  const claim = page.locator('#read-only');
  await expect(claim).toBeInViewport();
  await claim.locator('summary').click();
  await claim.getByRole('link', { name: 'What GitHub reports' }).click();
  await expect(page.locator('#evidence')).toBeInViewport();
});

test('search engines may list the Trust page but no other, and its link has a preview card', async ({
  page,
  request,
}) => {
  await page.goto('/trust');
  const meta = (name: string) => page.locator(`meta[property="${name}"], meta[name="${name}"]`);
  await expect(meta('robots')).toHaveAttribute('content', 'index, follow');
  await expect(page.locator('link[rel=canonical]')).toHaveAttribute('href', `${appUrl()}/trust`);
  await expect(meta('og:title')).toHaveAttribute('content', 'Trust · PulseStream');
  const picture = (await meta('og:image').getAttribute('content')) ?? '';
  expect((await request.get(picture)).headers()['content-type']).toBe('image/png');
  await page.goto('/sign-in');
  await expect(meta('robots')).toHaveAttribute('content', 'noindex, nofollow');
});

test('a printed Trust page has every evidence and absolute times, but no navigation', async ({ page }) => {
  await page.goto('/trust');
  await page.emulateMedia({ media: 'print' });
  await expect(page.getByRole('navigation')).toBeHidden();
  await expect(page.getByRole('link', { name: 'Sign in' })).toBeHidden();
  expect(await heightOf(page, '#read-only details')).toBeGreaterThan(
    await heightOf(page, '#read-only summary'),
  );
  for (const time of await page.locator('main time').all())
    await expect(time).toHaveText(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC$/);
});

const heightOf = async (page: Page, selector: string): Promise<number> =>
  (await page.locator(selector).boundingBox())?.height ?? 0;

test('an admin has a verified evidence pack after two actions, and a member is offered none', async ({
  page,
  context,
}) => {
  await signInAs(context, owner);
  await page.goto(`/w/${owner.slug}/settings/github`);
  await page.getByRole('link', { name: 'Trust', exact: true }).click();
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'Evidence pack', exact: true }).click(),
  ]);
  expect(download.suggestedFilename()).toMatch(/^evidence-[\w-]+\.pdf$/);
  const keys = readKeys(await (await page.request.get('/.well-known/evidence-keys.pem')).text());
  expect(verifyEvidence(await readFile(await download.path()), keys)).toMatchObject({
    ok: true,
    format: 'pdf',
  });
  await context.clearCookies();
  await signInAs(context, member);
  await page.goto(`/trust?workspace=${owner.slug}`);
  await expect(page.getByText(/^Head of the audit chain/)).toBeVisible();
  await expect(page.getByRole('link', { name: 'Evidence pack', exact: true })).toHaveCount(0);
});

test('an auditor without an account has a verified pack after two actions, until the link is revoked', async ({
  page,
  context,
  browser,
}) => {
  await signInAs(context, owner);
  await page.goto(`/trust?workspace=${owner.slug}`);
  await page.getByRole('link', { name: 'Share with an auditor' }).click();
  const name = 'Ex<b>ample</b> Audit';
  await page.getByLabel('For').fill(name);
  await page.getByRole('button', { name: 'Create link' }).click();
  const address =
    (await page.getByRole('region', { name: 'Auditor link' }).getByRole('code').textContent()) ?? '';
  const secret = new URL(address).searchParams.get('link') ?? '';
  expect(secret).toMatch(/^[\w-]{43}$/);
  await page.getByRole('link', { name: 'Done' }).click();
  await expect(page.getByText('never opened')).toBeVisible();
  expect(await page.content()).not.toContain(secret);

  const elsewhere = await browser.newContext({ baseURL: appUrl() });
  const auditor = await elsewhere.newPage();
  // The first action: open the link.
  await auditor.goto(address);
  await expect(auditor).toHaveURL(`${appUrl()}/evidence`);
  await expect(auditor.getByText(name)).toBeVisible();
  await expect(auditor.getByText(/^Head of the audit chain/)).toBeVisible();
  await expect(auditor.locator('meta[name=robots]')).toHaveAttribute('content', 'noindex, nofollow');
  await expect(auditor.locator('meta[name=referrer]')).toHaveAttribute('content', 'no-referrer');
  expect(await auditor.content()).not.toContain(secret);
  // The second action: save the pack.
  const [download] = await Promise.all([
    auditor.waitForEvent('download'),
    auditor.getByRole('link', { name: 'Evidence pack', exact: true }).click(),
  ]);
  const keys = readKeys(await (await page.request.get('/.well-known/evidence-keys.pem')).text());
  expect(verifyEvidence(await readFile(await download.path()), keys)).toMatchObject({
    ok: true,
    format: 'pdf',
  });
  // The link opens nothing else.
  for (const path of ['audit-log', 'settings/github', 'settings/evidence-links']) {
    await auditor.goto(`/w/${owner.slug}/${path}`);
    await expect(auditor).toHaveURL(/\/sign-in/);
  }

  await page.reload();
  await expect(page.getByText(/last opened/)).toBeVisible();
  await confirmBy(page, `Revoke the link for ${name}`, 'Revoke link');
  await expect(page.getByText('The link is revoked')).toBeVisible();
  await auditor.goto('/evidence');
  await expect(auditor.getByRole('heading', { level: 1 })).toHaveText('This link has ended');
  await auditor.goto(address);
  await expect(auditor.getByRole('heading', { level: 1 })).toHaveText('This link has ended');
  await elsewhere.close();
});

test('the Trust page links to the documents of this version', async ({ page, request }) => {
  for (const [name, text] of [
    ['Claims, with their code and tests', 'C24'],
    ['Threat model', 'Remaining risks'],
    ['Verify an export of the audit log', 'prev_hash'],
    ['Verify an evidence pack', 'Ed25519'],
  ] as const) {
    await page.goto('/trust');
    const href = await page.getByRole('link', { name, exact: true }).getAttribute('href');
    const answer = await request.get(href ?? '/missing');
    expect(answer.headers()['content-type']).toContain('text/html');
    expect(answer.status()).toBe(200);
    expect(await answer.text()).toContain(text);
  }
  expect((await request.get('/docs/operations')).status()).toBe(404);
});
