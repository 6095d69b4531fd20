/** Every page as every reader, at both widths and in both themes, by eye (axe) and by keyboard alone. */
import { appUrl, expect, test, unique } from './fixtures';
import { inspect } from './inspection';
import { addInstallation, asDatabaseOwner, unusedId, workspaceId } from './installations';
import { newMember, newOwner, type Person, signInAs } from './people';
import { GALLERY, READERS, type Reader, type Seen, STATES, type State, seenBy } from './walk-states';

const STATUS = { elsewhere: 200, forbidden: 403, nothing: 404 } as const;
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

for (const reader of READERS) {
  const statesOf = (kind: 'page' | 'refusal') =>
    [...STATES, ...(reader === 'owner' ? GALLERY : [])].filter(
      (state) => (seenBy(reader, state) === 'page') === (kind === 'page'),
    );

  test.describe(reader, () => {
    test.beforeEach(async ({ context }) => {
      if (reader !== 'nobody') await signInAs(context, people[reader]);
    });

    for (const state of statesOf('page'))
      test(`sees: ${state.name}`, async ({ page }) => {
        const response = await page.goto(addressOf(state));
        expect(response?.status()).toBe(200);
        await expect(page.getByRole('heading', { level: 1 }).first()).toHaveText(state.heading);
        await inspect(page, { tabsNarrow: reader === 'owner' });
      });

    test('is told why the rest is not for them', async ({ page, complaints }) => {
      const inspected = new Set<string>();
      for (const state of statesOf('refusal')) {
        const seen = seenBy(reader, state) as Exclude<Seen, 'page'>;
        const response = await page.goto(addressOf(state));
        expect(response?.status(), state.name).toBe(STATUS[seen]);
        // A browser logs a page's own 403 and 404 as an error.
        if (STATUS[seen] !== 200) complaints.length = 0;
        if (seen === 'elsewhere') {
          const asked = new URL(addressOf(state), page.url());
          expect(new URL(page.url()).pathname, state.name).not.toBe(asked.pathname);
          continue;
        }
        const heading = page.getByRole('heading', { level: 1 });
        await expect(heading).toHaveText(HEADING[seen]);
        // What is refused in the same words looks the same wherever it is.
        const words = (await heading.textContent()) ?? '';
        if (!inspected.has(words)) await inspect(page, { tabsNarrow: false });
        inspected.add(words);
      }
    });
  });
}
