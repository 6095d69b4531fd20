/**
 * Makes every server action fail in every way that it can report to the user. Each failure must end in a notice on a
 * page, and never on the page for unexpected errors. An action missing from the tables below fails the test.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { encode } from 'next-auth/jwt';
import pg from 'pg';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { CreateKeyState } from '@/components/api-keys/create-key-form';
import type { CreateLinkState } from '@/components/trust/create-link-form';
import type { CreateRuleState } from '@/components/trust-rules/create-rule-form';
import type { EditRuleState } from '@/components/trust-rules/edit-rule-form';
import { createApiKey } from '@/lib/api-keys/manage';
import { listViews, saveView } from '@/lib/audit/views';
import { beginSession } from '@/lib/auth/sessions';
import { TEST_ORIGIN } from '@/lib/auth/test-fixtures';
import { getConfig, replaceConfig } from '@/lib/config';
import { listPendingConfirmations } from '@/lib/connect/approvals';
import { beginConfirmation, proveConfirmation } from '@/lib/connect/confirm';
import { MAX_SELECTED } from '@/lib/contract/selection';
import { getDb } from '@/lib/db/client';
import { BATCH_WAIT_MS, readInBulk } from '@/lib/db/read-in-bulk';
import { sql } from '@/lib/db/sql';
import { createEvidenceLink } from '@/lib/evidence/links';
import { confirmationCookie } from '@/lib/http/browser-route';
import { enforceRateLimit, limitWork } from '@/lib/rate-limit/limiter';
import { clearWorld, connectedScene, newPerson, type Scene } from '@/lib/testing/test-scene';
import { authorize, connect, startTestWorld } from '@/lib/testing/test-world';
import { createTrustRule } from '@/lib/workload/manage-rules';
import { setApiKeysAllowed } from '@/lib/workspace/api-keys-allowed';
import { listInvitationLinks } from '@/lib/workspace/invitation-links';
import { createInvitation } from '@/lib/workspace/invitations';
import { changeMemberRole } from '@/lib/workspace/members';
import { renameWorkspace } from '@/lib/workspace/rename-workspace';
import type { ReversibleType } from '@/lib/workspace/reversals';
import { eventOf } from '@/lib/workspace/undo';
import * as auditLog from './(workspace)/w/[workspace]/audit-log/actions';
import * as audit from './(workspace)/w/[workspace]/audit-log/compare/actions';
import { keepDeletedView } from './(workspace)/w/[workspace]/audit-log/deleted-view';
import * as keys from './(workspace)/w/[workspace]/settings/api-keys/actions';
import * as links from './(workspace)/w/[workspace]/settings/evidence-links/actions';
import * as general from './(workspace)/w/[workspace]/settings/general/actions';
import * as github from './(workspace)/w/[workspace]/settings/github/actions';
import * as members from './(workspace)/w/[workspace]/settings/members/actions';
import * as rules from './(workspace)/w/[workspace]/settings/trust-rules/actions';
import * as account from './account/actions';
import * as confirm from './connect/github/confirm/actions';
import * as invitation from './invitation/actions';
import * as first from './new/actions';
import * as operator from './operator/actions';

/** Stands in for the browser's cookies and IP address, because `next/headers` works only inside Next's server. */
const browser = vi.hoisted(() => ({ cookies: new Map<string, string>(), ip: '' }));
vi.mock('next/headers', () => ({
  headers: async () => new Headers({ 'x-forwarded-for': browser.ip }),
  cookies: async () => ({
    getAll: () => [...browser.cookies].map(([name, value]) => ({ name, value })),
    set: ({ name, value }: { name: string; value: string }) => browser.cookies.set(name, value),
  }),
}));

const world = await startTestWorld();
const owner = new pg.Client(world.environment.OWNER_DATABASE_URL);
await owner.connect();
afterAll(() => owner.end());

let scene: Scene;
let addresses = 0;
beforeEach(async () => {
  await clearWorld(world);
  browser.cookies.clear();
  browser.ip = `203.0.113.${++addresses}`;
  scene = await connectedScene(world, { account: 'globex', by: 'eve' });
  await getDb().membership.updateMany({ where: { userId: scene.actor.id }, data: { role: 'owner' } });
  const token = { sub: scene.actor.id, verified_email: scene.actor.label };
  browser.cookies.set('next-auth.session-token', await encode({ token, secret: getConfig().auth.secret }));
});

/** Makes the database reject statements of this kind, with the error code for "too many connections". */
async function refuse(operation: string): Promise<void> {
  await owner.query(`
    CREATE FUNCTION no_connection() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN RAISE EXCEPTION 'no connection is left' USING ERRCODE = '53300'; END $$;
    CREATE TRIGGER a_no_connection BEFORE ${operation} EXECUTE FUNCTION no_connection()`);
}
afterEach(async () => {
  await owner.query('DROP FUNCTION IF EXISTS no_connection CASCADE');
});

/**
 * Returns the URL that an action redirects to, or the state that it returns to a form. Rethrows any other error,
 * because in the app it would end on the page for unexpected errors.
 */
async function answerOf(action: Promise<unknown>): Promise<string> {
  try {
    return JSON.stringify(await action);
  } catch (error) {
    const [kind, , location] = String((error as { digest?: unknown }).digest).split(';');
    if (kind !== 'NEXT_REDIRECT' || location === undefined) throw error;
    return location;
  }
}

/** React's own fields, which a form keeps after a script has taken over the page that the server rendered. */
const FIELDS_OF_REACT = {
  $ACTION_REF_1: '',
  '$ACTION_1:0': '{"id":"7f"}',
  '$ACTION_1:1': '["acme"]',
  $ACTION_KEY: 'k1',
};

const form = (fields: Record<string, string>) => {
  const data = new FormData();
  for (const [name, value] of Object.entries(FIELDS_OF_REACT)) data.set(name, value);
  for (const [name, value] of Object.entries(fields)) data.set(name, value);
  return data;
};

const admin = () => ({ workspaceId: scene.workspaceId, actor: scene.actor, origin: TEST_ORIGIN });
const newKey = async () => (await createApiKey(admin(), { name: 'engine' })).id;
const installation = () => form({ installation_id: String(scene.installationId), confirmation: 'globex' });

async function newMember(): Promise<string> {
  const { actor } = await newPerson('mona');
  await getDb().membership.create({
    data: { workspaceId: scene.workspaceId, userId: actor.id, role: 'member' },
  });
  return actor.id;
}

/** Does something in a request of its own, and returns the number of the event that it recorded. */
async function recordedBy(
  type: ReversibleType,
  act: (by: ReturnType<typeof admin>) => Promise<unknown>,
): Promise<string> {
  const by = { ...admin(), origin: { ...TEST_ORIGIN, requestId: randomUUID() } };
  await act(by);
  return (await eventOf(by, type)) ?? 'none';
}

async function newAttempt(more: object): Promise<string> {
  const { id } = await getDb().connectAttempt.create({
    data: {
      stateHash: new Uint8Array(randomBytes(32)),
      workspaceId: scene.workspaceId,
      userId: scene.actor.id,
      expiresAt: new Date(Date.now() + 3_600_000),
      ...more,
    },
  });
  return id;
}

/**
 * Prepares a confirmation: Mona has asked to connect an account that she doesn't own. Olivia, who owns it, has proven
 * that.
 */
async function provenConfirmation(): Promise<string> {
  const { id } = world.github.actions.install({ account: 'acme', by: 'sam' });
  await world.github.flush();
  const mona = await newPerson('mona');
  await connect(world, mona, id);
  const [pending] = await listPendingConfirmations(mona.workspaceId);
  const token = new URL(pending?.link ?? '').searchParams.get('token') ?? '';
  const begun = await beginConfirmation(token);
  const { code, state = '', error } = await authorize(world.github, 'olivia', begun.location);
  const { sealed } = await proveConfirmation({ code, state, error }, begun.sealed, TEST_ORIGIN);
  const { name, value } = confirmationCookie(sealed ?? '');
  browser.cookies.set(name, value);
  return token;
}

async function chooseProven(): Promise<() => Promise<void>> {
  const { id } = world.github.actions.install({ account: 'acme', by: 'olivia' });
  await world.github.flush();
  const attempt = await newAttempt({
    status: 'proven',
    provenInstallationIds: [BigInt(id)],
    provenByGithubId: 20001n,
    provenByGithubLogin: 'olivia',
  });
  return () => github.connectChosen(scene.slug, form({ attempt, installation_id: String(id) }));
}

const emptyForm: CreateKeyState = {
  created: null,
  values: { name: '', scope: 'all', networks: '', expiry: '', q: '' },
  choices: [],
  more: false,
  errors: {},
  problem: null,
};

const emptyLink: CreateLinkState = {
  created: null,
  values: { name: '', expires_in: '30d' },
  problem: null,
};

const ISSUER = 'https://issuer.example';
const DEMANDS = { issuer: ISSUER, subject: 'repo:acme/deploy:ref:refs/heads/main', claims: {} };

/** The form for a rule that trusts `DEMANDS`. */
const ruleForm = (fields: Record<string, string> = {}) =>
  form({
    preset: 'other',
    name: 'nightly',
    issuer: DEMANDS.issuer,
    subject: DEMANDS.subject,
    scope: 'all',
    expiry: '90d',
    shown: JSON.stringify(DEMANDS),
    ...fields,
  });

const emptyRule: CreateRuleState = {
  values: { name: '', issuer: '', claims: '', scope: 'selected', expiry: '', q: '' },
  choices: [],
  more: false,
  errors: {},
  problem: null,
};

const editedRule: EditRuleState = {
  ...emptyRule,
  values: { name: '', claims: '', scope: 'selected', expiry: 'keep', q: '' },
};

function trustIssuer(): void {
  replaceConfig({ ...getConfig(), workload: { ...getConfig().workload, issuers: [ISSUER] } });
}

async function newRule(): Promise<string> {
  trustIssuer();
  return (await createTrustRule(admin(), { name: 'nightly', ...DEMANDS })).id;
}

/** Sets up everything that an action needs to succeed, and returns a function that calls it. */
type Prepared = () => Promise<() => Promise<unknown>>;

const WORK: Record<string, Prepared> = {
  createFirstWorkspace: async () => () =>
    first.createFirstWorkspace(
      { values: { name: '', slug: '' }, errors: {}, problem: null },
      form({ name: 'A', slug: `a-${randomUUID().slice(0, 8)}` }),
    ),
  acceptWaitingInvitation: async () => {
    const other = await newPerson('mona');
    const by = { workspaceId: other.workspaceId, actor: other.actor, origin: TEST_ORIGIN };
    const { id } = await createInvitation(by, scene.actor.label, 'member');
    return () => first.acceptWaitingInvitation(form({ invitation_id: id }));
  },
  join: async () => {
    const other = await newPerson('mona');
    const by = { workspaceId: other.workspaceId, actor: other.actor, origin: TEST_ORIGIN };
    const { id } = await createInvitation(by, scene.actor.label, 'member');
    const link = (await listInvitationLinks(other.workspaceId)).get(id) ?? '';
    const token = new URL(link).searchParams.get('token') ?? '';
    return () => invitation.join(form({ token }));
  },
  begin: async () => {
    const token = await provenConfirmation();
    return () => confirm.begin(form({ token }));
  },
  accept: async () => {
    await provenConfirmation();
    return () => confirm.accept(form({}));
  },
  createKey: async () => () => keys.createKey(scene.slug, emptyForm, form({ name: 'engine', scope: 'all' })),
  editKey: async () => {
    const id = await newKey();
    const { created: _, ...before } = emptyForm;
    const sent = form({ id, name: 'renamed', scope: 'all', networks: '203.0.113.0/24' });
    return () => keys.editKey(scene.slug, before, sent);
  },
  allowKeys: async () => () => keys.allowKeys(scene.slug, form({ allowed: 'no' })),
  rotateKey: async () => {
    const id = await newKey();
    return () =>
      keys.rotateKey(scene.slug, { created: null, problem: null, asks: false }, form({ id, overlap: '1h' }));
  },
  revokeKey: async () => {
    const id = await newKey();
    return () => keys.revokeKey(scene.slug, form({ id, confirmed: 'yes' }));
  },
  revokeKeys: async () => {
    const id = await newKey();
    return () => keys.revokeKeys(scene.slug, form({ id, confirmed: 'yes' }));
  },
  createRule: async () => {
    trustIssuer();
    return () => rules.createRule(scene.slug, emptyRule, ruleForm());
  },
  changeRule: async () => {
    const id = await newRule();
    const fields = { id, name: 'weekly', claims: '', scope: 'all', expiry: 'keep' };
    return () => rules.changeRule(scene.slug, editedRule, form(fields));
  },
  revokeRule: async () => {
    const id = await newRule();
    return () => rules.revokeRule(scene.slug, form({ id, confirmed: 'yes' }));
  },
  revokeRules: async () => {
    const id = await newRule();
    return () => rules.revokeRules(scene.slug, form({ id, confirmed: 'yes' }));
  },
  testToken: async () => () =>
    rules.testToken(scene.slug, { explanation: null, problem: null }, form({ token: 'no token' })),
  syncNow: async () => () => github.syncNow(scene.slug, installation()),
  connectChosen: chooseProven,
  dismissRequest: async () => {
    const id = await newAttempt({ status: 'awaiting_approval' });
    return () => github.dismissRequest(scene.slug, form({ attempt_id: id }));
  },
  hideSteps: async () => () => github.hideSteps(scene.slug, form({ hidden: 'yes' })),
  disconnect: async () => () => github.disconnect(scene.slug, installation()),
  invite: async () => () =>
    members.invite(scene.slug, form({ email: `${randomUUID()}@acme.test`, role: 'member' })),
  changeRole: async () => {
    const id = await newMember();
    return () => members.changeRole(scene.slug, form({ id, role: 'admin' }));
  },
  remove: async () => {
    const id = await newMember();
    return () => members.remove(scene.slug, form({ id }));
  },
  createLink: async () => () =>
    links.createLink(scene.slug, emptyLink, form({ name: 'auditor', expires_in: '7d' })),
  revokeLink: async () => {
    const { id } = await createEvidenceLink(admin(), { name: 'auditor', expires_in: 60_000 });
    return () => links.revokeLink(scene.slug, form({ id }));
  },
  revokeSelected: async () => {
    const { id } = await createInvitation(admin(), `${randomUUID()}@acme.test`, 'member');
    return () => members.revokeSelected(scene.slug, form({ id, confirmed: 'yes' }));
  },
  renew: async () => {
    const { id } = await createInvitation(admin(), `${randomUUID()}@acme.test`, 'member');
    return () => members.renew(scene.slug, form({ id }));
  },
  revokeInvited: async () => {
    const { id } = await createInvitation(admin(), `${randomUUID()}@acme.test`, 'member');
    return () => members.revokeInvited(scene.slug, form({ id }));
  },
  rename: async () => () => general.rename(scene.slug, form({ name: 'Acme Corporation' })),
  transfer: async () => {
    const id = await newMember();
    return () => general.transfer(scene.slug, form({ id }));
  },
  leave: async () => {
    const userId = await newMember();
    await getDb().membership.updateMany({ where: { userId }, data: { role: 'owner' } });
    return () => general.leave(scene.slug, form({}));
  },
  deleteForever: async () => () => general.deleteForever(scene.slug, form({ confirmation: scene.slug })),
  endOne: async () => {
    const id = await beginSession(scene.actor.id, 'dev-login', TEST_ORIGIN);
    return () => account.endOne(form({ id }));
  },
  signOutEverywhere: async () => () => account.signOutEverywhere(form({})),
  setZone: async () => () => account.setZone(form({ zone: 'Europe/Berlin' })),
  runAllChecks: async () => {
    replaceConfig({ ...getConfig(), operatorEmails: [scene.actor.label] });
    return () => operator.runAllChecks({ report: null, problem: null }, form({}));
  },
  saveView: async () => () => auditLog.saveView(scene.slug, form({ name: 'mine', address: 'q=x' })),
  deleteView: async () => {
    await saveView(admin(), 'mine', 'q=x');
    const [view] = await listViews(scene.workspaceId, scene.actor.id);
    return () => auditLog.deleteView(scene.slug, form({ id: view?.id ?? '', address: 'q=x' }));
  },
  restoreView: async () => {
    const id = randomUUID();
    await keepDeletedView(admin(), { id, name: 'mine', address: { q: 'x' } });
    return () => auditLog.restoreView(scene.slug, form({ id, address: 'q=x' }));
  },
  undoPeople: async () => {
    const id = await newMember();
    const event = await recordedBy('member.role_changed', (by) => changeMemberRole(by, id, 'admin'));
    return () => members.undoPeople(scene.slug, form({ event }));
  },
  undoRename: async () => {
    const event = await recordedBy('workspace.renamed', (by) => renameWorkspace(by, 'Acme Corporation'));
    return () => general.undoRename(scene.slug, form({ event }));
  },
  undoAllowKeys: async () => {
    const event = await recordedBy('workspace.api_keys_forbidden', (by) => setApiKeysAllowed(by, false));
    return () => keys.undoAllowKeys(scene.slug, form({ event }));
  },
  compareLogs: async () => () => {
    const sent = new FormData();
    sent.set('log', new File(['[]'], 'log.json'));
    return audit.compareLogs(scene.slug, { comparison: null, problem: null }, sent);
  },
};

/** Actions that can't fail, because all they do is set cookies. */
const WITHOUT_FAILURES = ['setTheme'];

const used = (limit: () => Promise<unknown>) => async () => {
  for (let n = 0; n < 100_000; n++)
    try {
      await limit();
    } catch {
      return;
    }
};
const connectUsed = used(() => enforceRateLimit('connect', { network: browser.ip }));

/** Rate-limited actions, each with a function that uses up its limit. */
const LIMITED: Record<string, () => Promise<void>> = {
  createFirstWorkspace: used(() => limitWork('new_workspace', scene.actor.id)),
  begin: connectUsed,
  accept: connectUsed,
  runAllChecks: used(() => limitWork('doctor', scene.actor.id)),
  testToken: used(() => limitWork('token_test', scene.actor.id)),
  syncNow: used(() => limitWork('sync', scene.workspaceId)),
  compareLogs: used(() => limitWork('whole_log', scene.workspaceId)),
};

/** Actions that don't require a role in a workspace. */
const WITHOUT_ROLE = [
  'createFirstWorkspace',
  'acceptWaitingInvitation',
  'join',
  'begin',
  'accept',
  'runAllChecks',
  'endOne',
  'signOutEverywhere',
  'setZone',
];

/** Actions that every member may do. */
const FOR_MEMBERS = ['leave'];

/** Actions that write nothing to PostgreSQL. */
const WITHOUT_WRITES = ['begin', 'compareLogs', 'runAllChecks', 'testToken', 'setZone'];

/** The first write of an action that does not write to the audit log, or writes something else before. */
const FIRST_WRITE: Record<string, string> = {
  syncNow: 'UPDATE ON installations',
  hideSteps: 'UPDATE ON memberships',
  saveView: 'INSERT ON audit_views',
  deleteView: 'DELETE ON audit_views',
  restoreView: 'INSERT ON audit_views',
  endOne: 'UPDATE ON sessions',
  signOutEverywhere: 'UPDATE ON users',
};

describe('an action', () => {
  it('is always listed in the tables of this test', async () => {
    const files = (await readdir('app', { recursive: true })).filter(
      (file) => /\.tsx?$/.test(file) && !file.startsWith('dev/'),
    );
    const texts = await Promise.all(files.map((file) => readFile(`app/${file}`, 'utf8')));
    const ofActions = texts.filter((text) => /^\s*['"]use server['"]/m.test(text));
    const exported = ofActions.flatMap((text) =>
      [...text.matchAll(/^export (?:async function|const) (\w+)/gm)].map(([, name]) => name),
    );
    expect(exported.sort()).toEqual([...Object.keys(WORK), ...WITHOUT_FAILURES].sort());
  });

  it.each(Object.keys(WORK))('succeeds if no failure is planted: %s', async (name) => {
    const act = await WORK[name]?.();
    const answer = await answerOf(act?.() ?? Promise.resolve());
    expect(answer).not.toMatch(/not_now|limited|undo_over|"problem":"/);
  });

  it.each(Object.keys(WORK).filter((name) => !WITHOUT_WRITES.includes(name)))(
    'ends in a notice when the database has no connection left: %s',
    async (name) => {
      const act = await WORK[name]?.();
      await refuse(FIRST_WRITE[name] ?? 'INSERT ON audit_events');
      expect(await answerOf(act?.() ?? Promise.resolve())).toMatch(
        /[?&]notice=not_now\b|"problem":"The database cannot be reached/,
      );
    },
  );

  it.each(Object.entries(LIMITED))('tells when to retry after too many requests: %s', async (name, useUp) => {
    const act = await WORK[name]?.();
    await useUp();
    expect(await answerOf(act?.() ?? Promise.resolve())).toMatch(
      /[?&]notice=limited&retry_after=\d+|"problem":"[^"]*Try again in \d+ s/,
    );
  });

  it('on a list returns to the same page of it, after success and after a failure', async () => {
    const list = { q: 'mia', sort: 'role', order: 'desc', cursor: 'c' };
    const invite = async () => (await createInvitation(admin(), 'mia@acme.test', 'member')).id;
    const sent: [string, () => Promise<unknown>][] = [];
    const send = (
      name: string,
      act: (slug: string, form: FormData) => Promise<unknown>,
      id: string,
      more = {},
    ) => sent.push([name, () => act(scene.slug, form({ ...list, id, ...more }))]);
    const [member, invited] = [await newMember(), await invite()];
    send('role_changed', members.changeRole, member, { role: 'admin' });
    send('gone', members.changeRole, member, { role: 'captain' });
    send('removed', members.remove, member);
    send('unconfirmed', members.revokeSelected, invited);
    send('invitation_revoked', members.revokeInvited, invited);
    send('gone', members.renew, invited);
    send('unconfirmed', keys.revokeKeys, randomUUID());
    send('unconfirmed', rules.revokeRules, randomUUID());
    for (const [notice, act] of sent) {
      const { searchParams } = new URL(await answerOf(act()), 'https://app.test');
      expect(Object.fromEntries(searchParams)).toMatchObject({ ...list, notice });
    }
    const tooMany = form({ ...list, confirmed: 'yes' });
    for (let n = 0; n <= MAX_SELECTED; n++) tooMany.append('id', randomUUID());
    for (const revoke of [members.revokeSelected, keys.revokeKeys, rules.revokeRules])
      expect(await answerOf(revoke(scene.slug, tooMany))).toMatch(
        /\?q=mia&sort=role&order=desc&cursor=c&notice=too_many_selected$/,
      );
  });

  it('restores no view but the one that its form names', async () => {
    for (const name of ['first', 'last']) await saveView(admin(), name, 'q=x');
    const names = async () => (await listViews(scene.workspaceId, scene.actor.id)).map(({ name }) => name);
    const views = await listViews(scene.workspaceId, scene.actor.id);
    for (const { id } of views) await answerOf(auditLog.deleteView(scene.slug, form({ id, address: '' })));
    const undo = (id: string) => answerOf(auditLog.restoreView(scene.slug, form({ id, address: '' })));
    for (const id of [views[0]?.id ?? '', '', randomUUID()])
      expect(await undo(id)).toMatch(/notice=undo_over$/);
    expect(await names()).toEqual([]);
    expect(await undo(views[1]?.id ?? '')).toMatch(/notice=view_restored$/);
    expect(await names()).toEqual(['last']);
    expect(await undo(views[1]?.id ?? '')).toMatch(/notice=undo_over$/);
  });

  it('says why a search for a key’s repositories failed', async () => {
    const { workspaceId } = scene;
    const choices = [{ id: 1, full_name: 'globex/api', chosen: false }];
    await owner.query('BEGIN; LOCK TABLE repositories');
    const reads = Promise.allSettled(
      Array.from({ length: 100 }, () =>
        readInBulk({ workspaceId, statement: sql`SELECT 1 FROM repositories`, waitMs: BATCH_WAIT_MS }),
      ),
    );
    const before = { ...emptyForm, choices };
    const sent = form({ intent: 'search', scope: 'selected', q: 'web', repositories: '1' });
    const after = await keys.createKey(scene.slug, before, sent);
    await owner.query('ROLLBACK');
    await reads;
    expect(after).toMatchObject({
      problem: expect.stringContaining('Too many searches'),
      values: { q: 'web' },
      choices: [{ id: 1, chosen: true }],
    });
  });

  it('keeps a ticked repository that is no longer shared, and says which one keeps the key from being created', async () => {
    const before = { ...emptyForm, choices: [{ id: 1, full_name: 'globex/gone', chosen: false }] };
    const sent = { scope: 'selected', repositories: '1', name: 'engine', expiry: '90d' };
    const found = await keys.createKey(scene.slug, before, form({ ...sent, intent: 'search' }));
    expect(found.choices).toContainEqual({ id: 1, full_name: 'globex/gone', chosen: true });
    expect(await keys.createKey(scene.slug, found, form(sent))).toMatchObject({
      created: null,
      errors: { repositories: expect.stringContaining('no longer shared') },
      choices: expect.arrayContaining([{ id: 1, full_name: 'globex/gone', chosen: true }]),
    });
  });

  it('accepts any text in a search for a key’s repositories', async () => {
    for (const q of ['\u0000', 'a\u0000', 'x'.repeat(5000), '%', '\ud800']) {
      const sent = form({ intent: 'search', scope: 'selected', q });
      expect(await keys.createKey(scene.slug, emptyForm, sent)).toMatchObject({ problem: null });
    }
  });

  it('creates no key for all repositories unless the form says so', async () => {
    for (const scope of [undefined, '', 'selected', 'everything'])
      expect(
        await keys.createKey(
          scene.slug,
          emptyForm,
          form({ name: 'engine', ...(scope === undefined ? {} : { scope }) }),
        ),
        scope,
      ).toMatchObject({ created: null, errors: { repositories: expect.stringContaining('at least one') } });
    expect(await getDb().apiKey.count({ where: { workspaceId: scene.workspaceId } })).toBe(0);
  });

  it.each([
    ['nothing', ''],
    ['another subject', JSON.stringify({ ...DEMANDS, subject: 'repo:acme/other:ref:refs/heads/main' })],
    ['no claims', JSON.stringify({ ...DEMANDS, claims: { environment: 'production' } })],
  ])('creates no trust rule if the form had shown something else: %s', async (_, shown) => {
    trustIssuer();
    const answer = await answerOf(rules.createRule(scene.slug, emptyRule, ruleForm({ shown })));
    expect(answer).toContain('Check what this rule trusts');
    expect(await getDb().trustRule.count({ where: { workspaceId: scene.workspaceId } })).toBe(0);
  });

  it('sends only changed fields of a trust rule, so that its claims keep their types', async () => {
    trustIssuer();
    const claims = { run_number: 7, ref_protected: true };
    const { id } = await createTrustRule(admin(), { name: 'nightly', ...DEMANDS, claims });
    const fields = {
      id,
      name: 'weekly',
      claims: 'run_number=7\r\nref_protected=true',
      scope: 'all',
      expiry: 'keep',
    };
    await answerOf(rules.changeRule(scene.slug, editedRule, form(fields)));
    expect(await getDb().trustRule.findUnique({ where: { id } })).toMatchObject({ name: 'weekly', claims });
  });

  it.each(Object.keys(WORK).filter((name) => ![...WITHOUT_ROLE, ...FOR_MEMBERS].includes(name)))(
    'tells a former admin that they may not do this: %s',
    async (name) => {
      const act = await WORK[name]?.();
      await getDb().membership.updateMany({ where: { userId: scene.actor.id }, data: { role: 'member' } });
      expect(await answerOf(act?.() ?? Promise.resolve())).toMatch(
        /[?&]notice=not_allowed\b|"problem":"This needs the role/,
      );
    },
  );

  it.each(Object.keys(WORK).filter((name) => !WITHOUT_ROLE.includes(name)))(
    'responds with 404 to a user outside the workspace: %s',
    async (name) => {
      const act = await WORK[name]?.();
      await getDb().membership.deleteMany({ where: { userId: scene.actor.id } });
      await expect(act?.()).rejects.toMatchObject({ digest: 'NEXT_HTTP_ERROR_FALLBACK;404' });
    },
  );
});
