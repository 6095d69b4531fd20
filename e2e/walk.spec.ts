/**
 * Every page as every reader over HTTP; and once in a browser, at both widths and in both themes, with axe and by keyboard
 * alone: again only for a reader whose page has elements that the others' has not.
 */
import type { BrowserContext, Page } from '@playwright/test';
import { appUrl, expect, forgetStatus, test, unique } from './fixtures';
import { inspect } from './inspection';
import { addInstallation, asDatabaseOwner, unusedId, workspaceId } from './installations';
import { getPage, type PageOverHttp } from './page-over-http';
import { newMember, newOwner, type Person, signInAs } from './people';
import { GALLERY, READERS, type Reader, STATES, type State, seenBy } from './walk-states';

const STATUS = { page: 200, elsewhere: 200, forbidden: 403, nothing: 404 } as const;
const HEADING = { forbidden: / is for admins$/, nothing: /There is nothing here/ } as const;

let people: Record<Exclude<Reader, 'nobody'>, Person>;
let places: Record<'full' | 'empty' | 'other' | 'key', string>;

test.beforeAll(async ({ browser }) => {
  const [owner, { slug: empty }, outsider] = await Promise.all([
    newOwner('Acme'),
    newOwner('Empty'),
    newOwner('Globex'),
  ]);
  const [admin, member] = await Promise.all([
    newMember(owner.slug, 'admin'),
    newMember(owner.slug, 'member'),
  ]);
  people = { owner, admin, member, outsider };
  const key = await asDatabaseOwner(async (db) => {
    await db.query(
      `INSERT INTO memberships (user_id, workspace_id, role)
        SELECT m.user_id, w.id, m.role FROM memberships m, workspaces w
        WHERE m.workspace_id = $1 AND w.slug = $2`,
      [await workspaceId(db, owner.slug), empty],
    );
    return fill(db, await workspaceId(db, owner.slug));
  });
  places = { full: owner.slug, empty, other: outsider.slug, key };
  const context = await browser.newContext();
  await signInAs(context, owner);
  const invited = await context.request.post(`${appUrl()}/api/v1/workspaces/${owner.slug}/members`, {
    data: { email: outsider.email, role: 'member' },
    headers: { origin: appUrl() },
  });
  expect(invited.status()).toBe(201);
  await context.close();
});

/** Installations in every status, repositories and an API key. @returns the key's id */
async function fill(
  db: Parameters<Parameters<typeof asDatabaseOwner>[0]>[0],
  workspace: string,
): Promise<string> {
  const base = unusedId();
  await addInstallation(db, workspace, { id: base, login: 'acme' });
  await addInstallation(db, workspace, { id: base + 1, login: 'acme-labs', status: 'suspended' });
  await addInstallation(db, workspace, { id: base + 2, login: 'acme-old', status: 'deleted' });
  await db.query(
    `INSERT INTO repositories (id, installation_id, owner, name, clone_url, default_branch, private)
      SELECT $1::bigint + n, $1::bigint, 'acme', 'r' || n, 'https://github.example/acme/r.git', 'main', n % 2 = 0
      FROM generate_series(1, 3) AS n`,
    [base],
  );
  const { rows } = await db.query<{ id: string }>(
    `INSERT INTO api_keys (workspace_id, hash, display_prefix, name)
      VALUES ($1, sha256(convert_to($2, 'UTF8')), 'psk_demo_abcd', 'engine') RETURNING id`,
    [workspace, unique('key')],
  );
  return rows[0]?.id ?? '';
}

const addressOf = ({ path }: State): string =>
  path
    .replace(/\{(full|empty|other|key)\}/, (_, name: keyof typeof places) => places[name])
    .replace('{key}', places.key);

/** Kinds of elements that were looked at, by page or by the words of a refusal. */
const inspected = new Map<string, Set<string>>();

async function become(context: BrowserContext, reader: Reader): Promise<void> {
  await context.clearCookies();
  if (reader !== 'nobody') await signInAs(context, people[reader]);
}

/** A page that refreshes itself would go on as the next reader. */
const leave = (page: Page) => page.goto('about:blank');

/** Looks at a page in the browser if this reader gets an element that nobody has looked at. */
async function inspectPage(page: Page, { name }: State, { address, elements }: PageOverHttp): Promise<void> {
  const known = inspected.get(name);
  if (known && [...elements].every((element) => known.has(element))) return;
  inspected.set(name, new Set([...(known ?? []), ...elements]));
  await page.goto(address);
  await inspect(page, { allLooks: GALLERY.some((state) => state.name === name) });
  await leave(page);
}

/** The browser renders it. What is refused in the same words looks the same wherever it is. */
async function inspectRefusal(page: Page, address: string, heading: RegExp): Promise<void> {
  await page.goto(address);
  const shown = page.getByRole('heading', { level: 1 });
  await expect(shown).toHaveText(heading);
  const words = (await shown.textContent()) ?? '';
  if (!inspected.has(words)) await inspect(page, { allLooks: false });
  inspected.set(words, new Set());
  await leave(page);
}

/** One refusal of each kind for each reader is read in the browser. */
const refused = new Set<string>();

for (const state of [...STATES, ...GALLERY])
  test(state.name, async ({ page, context, complaints }) => {
    for (const reader of state.audience === 'gallery' ? (['owner'] as const) : READERS)
      await test.step(reader, async () => {
        const seen = seenBy(reader, state);
        const address = addressOf(state);
        await become(context, reader);
        const answer = await getPage(context.request, address);
        expect(answer.status).toBe(STATUS[seen]);
        if (seen === 'page') {
          const { heading } = state;
          const expected = typeof heading === 'string' ? heading : expect.stringMatching(heading);
          expect(answer.headings).toContainEqual(expected);
          await inspectPage(page, state, answer);
        } else if (seen === 'elsewhere') {
          expect(answer.path).not.toBe(new URL(address, appUrl()).pathname);
        } else {
          const kind = `${reader} ${state.audience}`;
          if (!refused.has(kind)) await inspectRefusal(page, address, HEADING[seen]);
          refused.add(kind);
          forgetStatus(complaints);
        }
      });
  });
