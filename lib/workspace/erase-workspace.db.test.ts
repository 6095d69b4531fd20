import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { runHere } from '../../cli/test-admin';
import { dumpDatabase } from '../../local/services/postgres/dump';
import { eraseWorkspace } from '../../prisma/erase-workspace';
import { SYSTEM_CLI } from '../actor';
import { verifyAuditFiles } from '../audit/export';
import { recordAuditEventNow } from '../audit/record';
import { verifyAuditChain } from '../audit/verify';
import {
  makeApiKeyActor,
  makeInstallation,
  makeWorkloadActor,
  makeWorkspace,
  TEST_ORIGIN,
} from '../auth/test-fixtures';
import { assertAppIdentity } from '../db/app-identity';
import { getDb } from '../db/client';
import { connectedScene, type Scene } from '../testing/test-scene';
import { startTestWorld } from '../testing/test-world';
import { disconnectAll } from './close-workspace';
import { createInvitation } from './invitations';
import { stopMinting } from './minting-stops';

const world = await startTestWorld();
const { github, environment } = world;
const owner = new pg.Client(environment.OWNER_DATABASE_URL);
const folder = mkdtempSync(path.join(tmpdir(), 'erased-'));
const BY = { actor: SYSTEM_CLI, origin: TEST_ORIGIN };
beforeAll(() => Promise.all([owner.connect(), assertAppIdentity()]));
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await owner.end();
});

async function erase(slug: string, ...flags: string[]) {
  vi.stubEnv('MIGRATION_DATABASE_URL', environment.OWNER_DATABASE_URL);
  const outcome = await runHere('workspace:erase', '--workspace', slug, '--output', folder, ...flags);
  return { ...outcome, result: outcome.stdout === '' ? {} : JSON.parse(outcome.stdout) };
}

/** Connects a workspace that has something in every table that can name one. */
async function makeFullWorkspace(): Promise<Scene> {
  const scene = await connectedScene(world, { account: 'acme', by: 'olivia' });
  const { workspaceId, slug, actor } = scene;
  await makeApiKeyActor({ id: workspaceId, slug });
  await makeWorkloadActor({ id: workspaceId, slug });
  await createInvitation({ ...BY, workspaceId }, 'friend@acme.test', 'member');
  await stopMinting({ workspaceId, apiKey: null }, 'a test', BY);
  const event = { origin: TEST_ORIGIN, workspaceId, installationId: scene.installationId };
  await recordAuditEventNow({ ...event, actor, type: 'audit.exported', details: { format: 'csv' } });
  return scene;
}

/** Returns the tables in which a text stands. */
async function tablesWith(text: string): Promise<string[]> {
  const dump = await dumpDatabase(environment.OWNER_DATABASE_URL ?? '');
  return dump.filter(([, rows]) => rows.includes(text)).map(([table]) => table.replace('the table ', ''));
}

describe('the erasure of a workspace', () => {
  it('waits for GitHub’s webhook, then leaves one event without a person and an archive of the whole log', async () => {
    const { workspaceId, slug, actor, installationId } = await makeFullWorkspace();
    const planned = await erase(slug, '--dry-run');
    expect(planned.result).toMatchObject({
      dry_run: true,
      members: 1,
      users_left: [actor.label],
      connections: 1,
      trust_rules: 1,
    });
    expect(github.state.installations.has(installationId)).toBe(true);

    await disconnectAll(workspaceId, BY);
    await github.flush();
    expect(github.state.installations.has(installationId)).toBe(false);
    // As if the webhook were still on its way.
    const unreported = await getDb().webhookDelivery.findFirstOrThrow({
      where: { installationId: BigInt(installationId), event: 'installation', action: 'deleted' },
    });
    await getDb().webhookDelivery.delete({ where: { id: unreported.id } });
    expect(await erase(slug)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('has not confirmed'),
    });
    expect(await getDb().membership.count({ where: { workspaceId } })).toBe(1);
    await getDb().webhookDelivery.create({ data: unreported });

    const { code, stderr, result } = await erase(slug);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect((await tablesWith(workspaceId)).sort()).toEqual([
      'audit_archives',
      'audit_chains',
      'audit_events',
    ]);
    expect(await tablesWith(actor.label)).toEqual(['users']);
    expect(await tablesWith('friend@acme.test')).toEqual([]);
    expect(await tablesWith('acme/')).toEqual([]);
    expect(await getDb().installation.count({ where: { id: BigInt(installationId) } })).toBe(0);

    const file = path.join(folder, result.archive);
    const { events, ...verified } = await verifyAuditFiles([file], { head: result.last_hash });
    expect(verified).toMatchObject({ ok: true });
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
    expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({
      type: 'workspace.erased',
      details: { api_keys: 1, trust_rules: 1, members: 1, invitations: 1 },
    });
    expect(await verifyAuditChain(workspaceId)).toMatchObject({
      ok: true,
      events: events + 1,
      archived: events,
    });
    const late = { ...BY, workspaceId, type: 'audit.exported', details: { format: 'csv' } } as const;
    await expect(recordAuditEventNow(late)).rejects.toThrow('no such workspace');
  });

  it('is refused for a log with events in no archive, and for a connection that has not ended', async () => {
    const { id } = await makeWorkspace('owner');
    const event = { ...BY, workspaceId: id, type: 'audit.exported', details: { format: 'csv' } } as const;
    await recordAuditEventNow(event);
    await expect(eraseWorkspace(owner, id)).rejects.toThrow('after the archive');
    await makeInstallation(id, ['initech/api']);
    await expect(eraseWorkspace(owner, id)).rejects.toThrow('has not ended');
    expect(await getDb().workspace.count({ where: { id } })).toBe(1);
  });
});
