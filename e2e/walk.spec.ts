/**
 * Requests every page over HTTP as every reader. Inspects each page once in a browser: with axe and by keyboard, at
 * both widths and in both themes. Inspects it again only for readers who get elements that weren't on it before.
 */
import type { BrowserContext, Page } from '@playwright/test';
import { appUrl, expect, forgetStatus, issuerUrl, test, unique } from './fixtures';
import { inspect } from './inspection';
import {
  addApiKey,
  addInstallation,
  addTrustRule,
  asDatabaseOwner,
  unusedId,
  workspaceId,
} from './installations';
import { getPage, type PageOverHttp } from './page-over-http';
import { newMember, newOwner, type Person, signInAs } from './people';
import { GALLERY, READERS, type Reader, STATES, type State, seenBy } from './walk-states';

const STATUS = { page: 200, elsewhere: 200, forbidden: 403, nothing: 404 } as const;
const HEADING = { forbidden: / is for admins$/, nothing: /Page not found/ } as const;

let people: Record<Exclude<Reader, 'nobody'>, Person>;
let places: Record<
  'full' | 'empty' | 'troubled' | 'other' | 'member' | 'forbiddenKey' | keyof Stored,
  string
>;

test.beforeAll(async ({ browser }) => {
  const [owner, { slug: empty }, { slug: troubled }, outsider] = await Promise.all([
    newOwner('Acme'),
    newOwner('Empty'),
    newOwner('Initech'),
    newOwner('Globex'),
  ]);
  const [admin, member] = await Promise.all([
    newMember(owner.slug, 'admin'),
    newMember(owner.slug, 'member'),
  ]);
  people = { owner, admin, member, outsider };
  const stored = await asDatabaseOwner(async (db) => {
    await db.query(
      `INSERT INTO memberships (user_id, workspace_id, role)
        SELECT m.user_id, w.id, m.role FROM memberships m, workspaces w
        WHERE m.workspace_id = $1 AND w.slug = ANY ($2)`,
      [await workspaceId(db, owner.slug), [empty, troubled]],
    );
    const forbiddenKey = await fillTroubled(db, await workspaceId(db, troubled), owner.id);
    return { forbiddenKey, ...(await fill(db, await workspaceId(db, owner.slug))) };
  });
  places = { full: owner.slug, empty, troubled, other: outsider.slug, member: owner.id, ...stored };
  const context = await browser.newContext();
  await signInAs(context, owner);
  const invited = await context.request.post(`${appUrl()}/api/v1/workspaces/${owner.slug}/members`, {
    data: { email: outsider.email, role: 'member' },
    headers: { origin: appUrl() },
  });
  expect(invited.status()).toBe(201);
  await context.close();
});

type Database = Parameters<Parameters<typeof asDatabaseOwner>[0]>[0];

/**
 * Column values for installations whose sync failed, skipped repositories or is still running. The next retry is due
 * only after the test, so these states don't change meanwhile.
 */
const TROUBLES = [
  ...[
    'github_unavailable',
    'rate_limited',
    'ip_allow_list',
    'permissions_not_granted',
    'app_unknown',
    'github_error',
    'minting_stopped',
  ].map(
    (error) => `sync_error = '${error}', sync_failures = 3, sync_retry_at = now() + interval '50 minutes'`,
  ),
  'sync_skipped = 2',
  `sync_read = 3200, sync_total = 10000, sync_leased_until = now() + interval '1 day'`,
];

/**
 * Adds connections with every problem, plus two approval requests: one pending, one approved. Forbids API keys.
 *
 * @returns the id of an API key that was created before
 */
async function fillTroubled(db: Database, workspace: string, user: string): Promise<string> {
  const base = unusedId();
  for (const [n, columns] of TROUBLES.entries()) {
    await addInstallation(db, workspace, { id: base + n, login: `initech-${n}` });
    await db.query(`UPDATE installations SET ${columns} WHERE id = $1`, [base + n]);
  }
  const key = await addApiKey(db, workspace, 'forbidden');
  await db.query('UPDATE workspaces SET api_keys_allowed = false WHERE id = $1', [workspace]);
  await db.query(`INSERT INTO minting_stops (workspace_id, reason) VALUES ($1, 'A drill, as announced')`, [
    workspace,
  ]);
  const approved = base + TROUBLES.length;
  await addInstallation(db, null, { id: approved, login: 'umbrella' });
  await db.query(
    `INSERT INTO connect_attempts (state_hash, workspace_id, user_id, status, expires_at, requested_account_id,
        requested_account_login)
      SELECT sha256(convert_to(gen_random_uuid()::text, 'UTF8')), $1, $2, 'awaiting_approval', now() + interval '7 days',
        requested.id, requested.login
      FROM (VALUES ($3::bigint, 'umbrella'), (NULL, NULL)) AS requested (id, login)`,
    [workspace, user, approved],
  );
  return key;
}

/** The ids of `fill`'s active API key, its active and its revoked trust rule, a repository, and its connections. */
type Stored = Record<(typeof STORED)[number], string>;

const STORED = ['key', 'rule', 'endedRule', 'repository', 'connection', 'suspended', 'ended'] as const;

/** Adds installations in every status, repositories, API keys and trust rules. */
async function fill(db: Database, workspace: string): Promise<Stored> {
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
  await db.query(
    `INSERT INTO api_keys (workspace_id, hash, display_prefix, name, expires_at, revoked_at)
      SELECT $1, sha256(convert_to($2 || name, 'UTF8')), 'psk_demo_abcd', name, now() + ends::interval, revoked::timestamptz
      FROM (VALUES ('expiring', '5 days', NULL), ('expired', '-1 day', NULL), ('revoked', NULL, 'now'))
        AS k (name, ends, revoked)`,
    [workspace, unique('key')],
  );
  const key = await addApiKey(db, workspace, 'engine');
  await db.query(
    `UPDATE api_keys SET networks = '{203.0.113.0/24,2001:db8:7::/48}', last_used_at = now() - interval '3 hours',
      last_used_ip = '203.0.113.7' WHERE id = $1`,
    [key],
  );
  const rules = await Promise.all(
    Object.entries(RULES).map(([name, demands]) =>
      addTrustRule(db, workspace, { name, issuer: issuerUrl(), ...demands }),
    ),
  );
  const [rule = '', endedRule = '', expired] = rules;
  await db.query('UPDATE trust_rules SET revoked_at = now() WHERE id = $1', [endedRule]);
  await db.query(`UPDATE trust_rules SET expires_at = now() - interval '1 day' WHERE id = $1`, [expired]);
  await db.query(
    `UPDATE trust_rules SET last_used_at = now(), last_used_ip = '2001:db8:1234:5678:9abc:def0:1234:5678',
      expires_at = now() + interval '5 days', bound = true, repository_ids = ARRAY[$2::bigint + 1, 1] WHERE id = $1`,
    [rule, base],
  );
  await db.query(
    `INSERT INTO evidence_links (workspace_id, name, hash, expires_at, last_used_at)
      SELECT $1, name, sha256(convert_to($2 || name, 'UTF8')), now() + interval '5 days', used::timestamptz
      FROM (VALUES ('Example Audit Ltd.', 'now'), (repeat('very-long-name-', 5), NULL)) AS l (name, used)`,
    [workspace, unique('link')],
  );
  return {
    key,
    rule,
    endedRule,
    repository: String(base + 1),
    connection: String(base),
    suspended: String(base + 1),
    ended: String(base + 2),
  };
}

/** A trust rule of each kind, by its name. */
const RULES = {
  'nightly analysis': {
    subject: 'repo:acme/deploy:environment:production',
    claims: { repository_id: '123456789', 'kubernetes.io/namespace': 'x'.repeat(200) },
  },
  revoked: { subject: 'project_path:acme/platform/deploy:ref_type:tag:ref:v*' },
  expired: { subject: 'system:serviceaccount:analysis:engine' },
  other: {
    subject: `spiffe://acme.example/${'very-long-'.repeat(40)}`,
    claims: { text: 'a=b, "c" and <d>' },
  },
};

const addressOf = ({ path }: State): string =>
  path
    .replace(/\{(full|empty|troubled|other)\}/, (_, name: keyof typeof places) => places[name])
    .replace(
      new RegExp(`\\{(${Object.keys(places).join('|')})\\}`),
      (_, name: keyof typeof places) => places[name],
    );

/** The kinds of elements already inspected, by the page's name or the refusal's text. */
const inspected = new Map<string, Set<string>>();

async function become(context: BrowserContext, reader: Reader): Promise<void> {
  await context.clearCookies();
  if (reader !== 'nobody') await signInAs(context, people[reader]);
}

/** Leaves the page. Otherwise, if it refreshes itself, it would go on with the next reader's session. */
const leave = (page: Page) => page.goto('about:blank');

/** Inspects a page in the browser if this reader gets any kind of element that wasn't inspected before. */
async function inspectPage(page: Page, { name }: State, { address, elements }: PageOverHttp): Promise<void> {
  const known = inspected.get(name);
  if (known && [...elements].every((element) => known.has(element))) return;
  inspected.set(name, new Set([...(known ?? []), ...elements]));
  await page.goto(address);
  await inspect(page, { allLooks: GALLERY.some((state) => state.name === name) });
  await leave(page);
}

/**
 * Opens a refusal in the browser. Inspects each text only once, because refusals with the same text look the same
 * everywhere.
 */
async function inspectRefusal(page: Page, address: string, heading: RegExp): Promise<void> {
  await page.goto(address);
  const shown = page.getByRole('heading', { level: 1 });
  await expect(shown).toHaveText(heading);
  const words = (await shown.textContent()) ?? '';
  if (!inspected.has(words)) await inspect(page, { allLooks: false });
  inspected.set(words, new Set());
  await leave(page);
}

/** The refusals already opened in the browser: one per reader and kind of page. */
const refused = new Set<string>();

for (const state of [...STATES, ...GALLERY])
  test(`is accessible, and shown only to its readers: ${state.name}`, async ({
    page,
    context,
    complaints,
  }) => {
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
