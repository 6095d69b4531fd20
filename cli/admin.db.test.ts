import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client } from 'pg';
import { describe, expect, it } from 'vitest';
import { SYSTEM_CLI } from '../lib/actor';
import { authenticateApiKey } from '../lib/api-keys/key';
import { findWorkspaceForUser } from '../lib/auth/session';
import { beginSession, listSessions } from '../lib/auth/sessions';
import {
  makeInstallation,
  makeUser,
  makeWorkspace,
  readAudit,
  startTestApp,
  TEST_ISSUER,
  TEST_ORIGIN,
  TEST_USE,
} from '../lib/auth/test-fixtures';
import { assertAppIdentity } from '../lib/db/app-identity';
import { getDb } from '../lib/db/client';
import { createWorkspace } from '../lib/workspace/create';
import { type Outcome, runHere, runInProcess } from './test-admin';

const environment = await startTestApp({ WORKLOAD_ISSUERS: TEST_ISSUER });
/**
 * Runs a command that must succeed.
 *
 * @returns its JSON, which must be the only line on standard output
 */
const succeed = async (...args: string[]) => resultOf(await runHere(...args));

function resultOf({ code, stdout, stderr }: Outcome): Record<string, string> {
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(/^\{.*\}\n$/);
  return JSON.parse(stdout);
}

/**
 * Runs a command that must fail.
 *
 * @returns its error message
 */
const fail = async (...args: string[]) => messageOf(await runHere(...args));

function messageOf({ code, stdout, stderr }: Outcome): string {
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).not.toMatch(/\bat .*\.ts:\d+/);
  return stderr;
}

describe('workspace:create', () => {
  it('creates the workspace and its owner, and finds an existing owner by email', async () => {
    const args = ['workspace:create', '--slug', 'acme', '--name', 'Acme', '--owner', 'Owner@Acme.test'];
    const created = await succeed(...args);
    const { owner_user_id: ownerId = '' } = created;
    expect(created).toEqual({ workspace_id: created.workspace_id, slug: 'acme', owner_user_id: ownerId });
    expect(await findWorkspaceForUser('acme', ownerId)).toMatchObject({
      id: created.workspace_id,
      role: 'owner',
    });
    expect(await readAudit(created.workspace_id ?? '')).toMatchObject([
      { type: 'workspace.created', actorId: 'system:cli', clientIp: null },
    ]);

    expect(await succeed(...args)).toEqual(created);
    expect(await getDb().workspace.count({ where: { slug: 'acme' } })).toBe(1);
  });

  it('refuses a slug that another workspace has', async () => {
    const { slug } = await makeWorkspace('owner');
    expect(await fail('workspace:create', '--slug', slug, '--name', 'B', '--owner', 'b@acme.test')).toContain(
      'slug: is taken',
    );
    expect(await getDb().user.count({ where: { email: 'b@acme.test' } })).toBe(0);
  });
});

describe('user:sign-out', () => {
  it('ends the live sessions of one user, and only theirs', async () => {
    const [user, other] = [await makeUser(), await makeUser()];
    const origin = { clientIp: null, userAgent: null };
    for (const { id } of [user, user, other]) await beginSession(id, 'dev-login', origin);
    expect(await succeed('user:sign-out', '--email', user.label.toUpperCase())).toEqual({
      user_id: user.id,
      sessions_ended: 2,
    });
    expect(await listSessions(user.id)).toEqual([]);
    expect(await listSessions(other.id)).toHaveLength(1);
    expect(await succeed('user:sign-out', '--email', user.label)).toMatchObject({ sessions_ended: 0 });
    expect(await fail('user:sign-out', '--email', 'nobody@acme.test')).toContain('there is no user');
  });
});

describe('member:add', () => {
  it('adds the same user twice as one member with the last role', async () => {
    const { slug } = await makeWorkspace('owner');
    const add = (role: string) => [
      'member:add',
      '--workspace',
      slug,
      '--email',
      'x@people.test',
      '--role',
      role,
    ];
    const first = await succeed(...add('member'));
    expect(await succeed(...add('admin'))).toEqual(first);
    expect(await findWorkspaceForUser(slug, first.user_id ?? '')).toMatchObject({ role: 'admin' });
  });

  it('does not lower the role of the last owner', async () => {
    const { slug, people } = await makeWorkspace('owner');
    const email = people[0]?.label ?? '';
    expect(await fail('member:add', '--workspace', slug, '--email', email, '--role', 'member')).toContain(
      'last owner',
    );
  });
});

describe('api-key:create and api-key:revoke', () => {
  it('prints a key that is restricted and expires as requested, and works until it is revoked', async () => {
    const workspace = await makeWorkspace('owner');
    const { repositoryIds } = await makeInstallation(workspace.id, ['keys/api', 'keys/web']);
    const args = [
      ...['api-key:create', '--workspace', workspace.slug, '--name', 'engine'],
      ...['--repositories', 'keys/api,keys/WEB', '--expires-in', '90d'],
      ...['--networks', '192.0.2.0/24, 2001:DB8::/32'],
    ];
    const { id = '', key } = resultOf(await runInProcess(args, environment));
    expect(await authenticateApiKey(key ?? null, TEST_USE)).toMatchObject({ id, repositoryIds });
    const { expiresAt, createdAt, networks } = await getDb().apiKey.findUniqueOrThrow({ where: { id } });
    expect(networks).toEqual(['192.0.2.0/24', '2001:db8::/32']);
    expect(Math.round(((expiresAt?.getTime() ?? 0) - createdAt.getTime()) / 86_400_000)).toBe(90);

    expect(await succeed('api-key:revoke', '--workspace', workspace.slug, '--id', id)).toEqual({
      id,
      revoked: true,
    });
    await expect(authenticateApiKey(key ?? null, TEST_USE)).rejects.toMatchObject({
      code: 'unauthenticated',
    });
  });

  it('names the repository that is not shared', async () => {
    const { slug } = await makeWorkspace('owner');
    expect(
      await fail('api-key:create', '--workspace', slug, '--name', 'engine', '--repositories', 'acme/unknown'),
    ).toContain('acme/unknown is not shared with this workspace');
  });
});

describe('trust-rule:create and trust-rule:revoke', () => {
  it('creates a rule as requested, and revokes it', async () => {
    const workspace = await makeWorkspace('owner');
    const { repositoryIds } = await makeInstallation(workspace.id, ['rules/api']);
    const args = [
      ...['trust-rule:create', '--workspace', workspace.slug, '--name', 'ci', '--issuer', TEST_ISSUER],
      ...['--subject', 'repo:rules/api:ref:refs/heads/*', '--repositories', 'rules/API'],
    ];
    const created = await succeed(...args);
    expect(created).toEqual({ id: expect.any(String) });
    const where = { id: String(created.id) };
    expect(await getDb().trustRule.findUniqueOrThrow({ where })).toMatchObject({
      subject: 'repo:rules/api:ref:refs/heads/*',
      bound: true,
      repositoryIds: repositoryIds.map(BigInt),
      createdBy: null,
      revokedAt: null,
    });
    await succeed('trust-rule:revoke', '--workspace', workspace.slug, '--id', where.id);
    expect((await getDb().trustRule.findUniqueOrThrow({ where })).revokedAt).not.toBeNull();
  });

  it('names what is wrong with the issuer and the subject', async () => {
    const { slug } = await makeWorkspace('owner');
    const create = (issuer: string, subject: string) =>
      fail('trust-rule:create', '--workspace', slug, '--name', 'x', '--issuer', issuer, '--subject', subject);
    expect(await create('https://other.test', 'engine')).toContain('issuers that the operator');
    expect(await create(TEST_ISSUER, 'repo:*')).toContain('subject');
  });
});

/** Creates a workspace, which puts one event into its audit log. */
async function makeAudited(slug: string): Promise<void> {
  const { id } = await makeUser();
  await createWorkspace({ slug, name: slug }, id, { actor: SYSTEM_CLI, origin: TEST_ORIGIN });
}

describe('audit:verify and audit:export', () => {
  it('verifies a sound chain and exports it, with the export itself as the last line', async () => {
    await makeAudited('trail');
    expect(await succeed('audit:verify', '--workspace', 'trail')).toMatchObject({ ok: true, events: 1 });
    const { code, stdout } = await runInProcess(
      ['audit:export', '--workspace', 'trail', '--format', 'ndjson'],
      environment,
    );
    expect(code).toBe(0);
    const events = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(events.map((event) => event.type)).toEqual(['workspace.created', 'audit.exported']);
    const csv = await runHere('audit:export', '--workspace', 'trail', '--format', 'csv');
    expect(csv.stdout.split('\r\n').slice(0, 2)).toEqual([
      expect.stringMatching(/^seq,id,type,/),
      expect.stringMatching(/^1,.*workspace\.created/),
    ]);
  });

  it('verifies an exported file without database or configuration', async () => {
    await makeAudited('exported');
    const folder = mkdtempSync(path.join(tmpdir(), 'audit-verify-'));
    const file = path.join(folder, 'audit.ndjson');
    const { stdout } = await runHere('audit:export', '--workspace', 'exported', '--format', 'ndjson');
    writeFileSync(file, stdout);
    const sound = await runInProcess(['audit:verify', '--file', file], {});
    const elsewhere = await runHere('audit:verify', '--file', file, '--head', 'f'.repeat(64));
    const [first = '', second = ''] = stdout.trimEnd().split('\n');
    const parts = [first, second].map((line, n) => {
      const part = path.join(folder, `${n}.ndjson`);
      writeFileSync(part, `${line}\n`);
      return part;
    });
    const inParts = await succeed('audit:verify', ...parts.flatMap((part) => ['--file', part]));
    const after = `1:${JSON.parse(first).hash}`;
    const continued = await succeed('audit:verify', '--file', parts[1] ?? '', '--after', after);
    const refused = await fail('audit:verify');
    expect({ ...sound, ...JSON.parse(sound.stdout) }).toMatchObject({
      code: 0,
      stderr: '',
      ok: true,
      events: 2,
    });
    expect({ code: elsewhere.code, ...JSON.parse(elsewhere.stdout) }).toMatchObject({ code: 1, ok: false });
    rmSync(folder, { recursive: true });
    expect([inParts, continued]).toMatchObject([
      { ok: true, events: 2 },
      { ok: true, events: 2 },
    ]);
    expect(refused).toContain('one of --workspace, --file and --anchors');
  });

  it('archives nothing without the database owner’s URL, and nothing that is younger than the days given', async () => {
    await makeAudited('kept');
    const args = ['audit:archive', '--output', tmpdir(), '--workspace', 'kept'];
    const asOwner = { ...environment, MIGRATION_DATABASE_URL: environment.OWNER_DATABASE_URL ?? '' };
    expect(await fail(...args)).toContain('set RETENTION_AUDIT_DAYS, or give --days');
    expect(messageOf(await runInProcess([...args, '--days', '31'], environment))).toContain(
      'MIGRATION_DATABASE_URL',
    );
    const asApp = { ...environment, MIGRATION_DATABASE_URL: environment.DATABASE_URL ?? '' };
    expect(messageOf(await runInProcess([...args, '--days', '31'], asApp))).toContain('database owner role');
    expect(resultOf(await runInProcess([...args, '--days', '31', '--dry-run'], asOwner))).toMatchObject({
      dry_run: true,
      archived: [],
    });
  });

  it('exits with 1 on a rewritten chain', async () => {
    await makeAudited('forged');
    const owner = new Client({ connectionString: environment.OWNER_DATABASE_URL });
    await owner.connect();
    await owner.query('ALTER TABLE audit_events DISABLE TRIGGER USER');
    await owner.query("UPDATE audit_events SET actor_label = 'nobody' WHERE workspace_slug = 'forged'");
    await owner.query('ALTER TABLE audit_events ENABLE ALWAYS TRIGGER audit_events_append');
    await owner.end();
    const { code, stdout, stderr } = await runInProcess(
      ['audit:verify', '--workspace', 'forged'],
      environment,
    );
    expect({ code, ...JSON.parse(stdout) }).toMatchObject({ code: 1, ok: false, first_bad: 1 });
    expect(stderr).toContain('broken at event 1');
  });
});

it('reconcile reports on standard error when GitHub is unreachable, and keeps standard output clean', async () => {
  const { code, stdout, stderr } = await runInProcess(['reconcile'], {
    ...environment,
    GITHUB_API_URL: 'http://127.0.0.1:1',
    GITHUB_WEB_URL: 'http://127.0.0.1:1',
  });
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).not.toBe('');
});

it('refuses the database of another App or environment, and changes nothing there (C17)', async () => {
  await assertAppIdentity();
  const args = ['workspace:create', '--slug', 'strayed', '--name', 'S', '--owner', 's@acme.test'];
  const strays = [{ GITHUB_APP_ID: '2' }, { PULSESTREAM_ENV: 'demo' }];
  for (const { code, stderr } of await Promise.all(
    strays.map((stray) => runInProcess(args, { ...environment, ...stray })),
  )) {
    expect(code).toBe(1);
    expect(stderr).toContain('this database belongs to');
  }
  expect(await getDb().workspace.count({ where: { slug: 'strayed' } })).toBe(0);
});

describe('mistakes', () => {
  it('reports an invalid call on standard error, with exit code 1', async () => {
    const command = messageOf(await runInProcess(['no:such'], environment));
    const workspace = await fail('audit:verify', '--workspace', 'nowhere');
    expect(command).toContain('there is no command "no:such"');
    expect(workspace).toContain('there is no workspace "nowhere"');
  });

  it('names an invalid variable of the configuration, without its value', async () => {
    const { code, stderr } = await runInProcess(['member:add'], {
      ...environment,
      NEXTAUTH_SECRET: 'too-short-a-secret',
    });
    expect(code).toBe(1);
    expect(stderr).not.toContain('too-short-a-secret');
  });

  it('shows no password of the database URL', async () => {
    const { code, stderr } = await runInProcess(
      ['member:add', '--workspace', 'acme', '--email', 'x@acme.test', '--role', 'member'],
      { ...environment, DATABASE_URL: 'postgresql://app:hunter2hunter2@127.0.0.1:1/db' },
    );
    expect(code).toBe(1);
    expect(stderr).not.toBe('');
    expect(stderr).not.toContain('hunter2');
  });
});

it('--help lists every command', async () => {
  const { code, stderr } = await runHere('--help');
  expect(code).toBe(0);
  for (const name of ['workspace:create', 'member:add', 'api-key:create', 'api-key:revoke'])
    expect(stderr).toContain(name);
});
