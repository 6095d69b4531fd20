import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { runHere } from '../../cli/test-admin';
import { dropArchived, registerArchive } from '../../prisma/drop-archived';
import { SYSTEM_CLI } from '../actor';
import { makeWorkspace, startTestApp, TEST_ORIGIN } from '../auth/test-fixtures';
import { assertAppIdentity } from '../db/app-identity';
import { readChainEvidence } from '../trust/chain-evidence';
import { findArchivable, type Manifest, recordArchive, writeArchive } from './archive';
import { compareAnchors } from './compare-anchors';
import { exportAuditEvents, verifyAuditFiles } from './export';
import { listAuditEvents } from './list';
import { readAuditEvents } from './read';
import { recordAuditEventNow } from './record';
import { verifyAuditChain } from './verify';

const environment = await startTestApp({ RETENTION_AUDIT_DAYS: '31' });
const owner = new pg.Client(environment.OWNER_DATABASE_URL);
const folder = mkdtempSync(path.join(tmpdir(), 'audit-archive-'));
const BY = { actor: SYSTEM_CLI, origin: TEST_ORIGIN };
beforeAll(() => owner.connect());
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await owner.end();
});

type Workspace = Awaited<ReturnType<typeof makeWorkspace>>;

const record = (workspaceId: string) =>
  recordAuditEventNow({ ...BY, workspaceId, type: 'audit.exported', details: { format: 'csv' } });

/** Creates a workspace whose log has this many events. */
async function makeLog(events: number): Promise<Workspace> {
  const workspace = await makeWorkspace();
  for (let n = 0; n < events; n++) await record(workspace.id);
  return workspace;
}

/** Writes and records an archive of the events up to `upTo`, without registering it. */
async function write(workspace: Workspace, upTo: number): Promise<Manifest> {
  const range = await findArchivable(workspace.id, null);
  if (range === null) throw new Error('nothing to archive');
  const manifest = await writeArchive({ after: range.after, upTo, workspace, folder });
  await recordArchive(manifest, BY);
  return manifest;
}

async function archive(workspace: Workspace, upTo: number): Promise<Manifest> {
  const manifest = await write(workspace, upTo);
  await registerArchive(owner, manifest);
  await dropArchived(owner, workspace.id);
  return manifest;
}

/** Changes a log's first event, as only somebody with the owner's rights can. */
async function forge(workspaceId: string): Promise<void> {
  await owner.query('ALTER TABLE audit_events DISABLE TRIGGER audit_events_are_append_only');
  await owner.query("UPDATE audit_events SET actor_label = 'x' WHERE workspace_id = $1 AND seq = 1", [
    workspaceId,
  ]);
  await owner.query('ALTER TABLE audit_events ENABLE ALWAYS TRIGGER audit_events_are_append_only');
}

const fileOf = ({ workspace_id, file }: Manifest) => path.join(folder, workspace_id, file);

/** Exports what is left in the database to a file. */
async function exportRest(workspaceId: string): Promise<string> {
  let text = '';
  for await (const piece of exportAuditEvents(workspaceId, 'ndjson')) text += piece;
  const file = path.join(folder, `${workspaceId}.ndjson`);
  writeFileSync(file, text);
  return file;
}

describe('an archived part of the audit log', () => {
  it('leaves a chain that verifies from the archive on, also after a second archive', async () => {
    const workspace = await makeLog(5);
    const { id } = workspace;
    await archive(workspace, 3);
    expect(await verifyAuditChain(id)).toMatchObject({ ok: true, events: 6, archived: 3 });
    expect((await listAuditEvents(id, { limit: 10 })).data.map(({ seq }) => seq)).toEqual([6, 5, 4]);
    await archive(workspace, 5);
    const verification = await verifyAuditChain(id);
    expect(verification).toMatchObject({ ok: true, events: 7, archived: 5 });
    expect(await readChainEvidence(id)).toMatchObject({ events: 7, verified: 2, firstBad: null });
    const { rows } = await owner.query('SELECT seq FROM audit_events WHERE workspace_id = $1 ORDER BY seq', [
      id,
    ]);
    expect(rows.map(({ seq }) => Number(seq))).toEqual([6, 7]);
  });

  it('is one chain with the export that continues it, and the export alone continues the archive’s last hash', async () => {
    const workspace = await makeLog(4);
    const [first, second] = [await archive(workspace, 2), await archive(workspace, 4)];
    const rest = await exportRest(workspace.id);
    const files = [fileOf(first), fileOf(second), rest];
    const { head_hash: head } = await verifyAuditChain(workspace.id);
    expect(await verifyAuditFiles(files, { head })).toEqual({ ok: true, events: 6, head_hash: head });
    const after = { seq: second.last_seq, hash: second.last_hash };
    expect(await verifyAuditFiles([rest], { head, after })).toMatchObject({ ok: true, events: 6 });
    expect(await verifyAuditFiles([rest])).toMatchObject({ ok: false, first_bad: 1 });
    expect(await verifyAuditFiles([fileOf(first), rest])).toMatchObject({ ok: false, first_bad: 3 });
    expect(second.prev_hash).toBe(first.last_hash);
  });

  it('is dropped without keeping anybody from recording or reading events of that log meanwhile', async () => {
    const workspace = await makeLog(3);
    await registerArchive(owner, await write(workspace, 3));
    await owner.query('BEGIN');
    const dropped = await dropArchived(owner, workspace.id);
    await record(workspace.id);
    const { data } = await listAuditEvents(workspace.id, { limit: 10 });
    await owner.query('COMMIT');
    expect([dropped, data.length]).toEqual([3, 5]);
    expect(await verifyAuditChain(workspace.id)).toMatchObject({ ok: true, events: 5, archived: 3 });
  });

  it('is not broken for a reader who began before it was dropped, but the reader’s file is not complete', async () => {
    const workspace = await makeLog(3);
    const events = readAuditEvents(workspace.id);
    await events.next();
    await archive(workspace, 2);
    await expect(
      (async () => {
        for await (const _ of events);
      })(),
    ).rejects.toThrow('archived while it was read');
  });

  it('is not lost by the anchors in the log, which find another last hash of it', async () => {
    const workspace = await makeLog(3);
    const { workspace_id, last_hash } = await archive(workspace, 2);
    const compare = (...heads: [seq: number, head_hash: string][]) =>
      compareAnchors(
        (async function* () {
          for (const [seq, head_hash] of heads)
            yield `${JSON.stringify({ msg: 'audit chain head', workspace_id, seq, head_hash })}\n`;
        })(),
      );
    expect(await compare([1, 'e'.repeat(64)], [2, last_hash])).toMatchObject({
      anchors: 2,
      lost: [],
      changed: [],
      in_archives: 1,
    });
    expect(await compare([2, 'f'.repeat(64)])).toMatchObject({ changed: [{ workspace_id, seq: 2 }] });
  });

  it('ends before the first event that is newer than the cutoff', async () => {
    const { id } = await makeLog(2);
    expect(await findArchivable(id, new Date(Date.now() - 86_400_000))).toBeNull();
    expect(await findArchivable(id, new Date(Date.now() + 86_400_000))).toMatchObject({ upTo: 2 });
  });
});

/** Returns the command that the CronJob of `deploy/` runs, for this folder. */
function scheduledArguments(): string[] {
  const documents = parseAllDocuments(readFileSync('deploy/base/audit-archive.yaml', 'utf8'));
  const [job] = documents.map((document) => document.toJS());
  const [program, ...args]: string[] = job.spec.jobTemplate.spec.template.spec.containers[0].args;
  expect(program).toBe('cli/admin.mjs');
  return args.map((it) => (it === '/archives' ? folder : it));
}

describe('audit:archive', () => {
  it('moves the old events of each workspace, although the chain of another one is broken', async () => {
    const [broken, sound] = [await makeLog(2), await makeLog(2)];
    await forge(broken.id);
    await assertAppIdentity();
    vi.stubEnv('MIGRATION_DATABASE_URL', environment.OWNER_DATABASE_URL);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 40 * 86_400_000 });
    const run = (...flags: string[]) => runHere(...scheduledArguments(), ...flags);
    try {
      const planned = JSON.parse((await run('--dry-run')).stdout);
      const of = (reports: { workspace: string }[], slug: string) =>
        reports.find(({ workspace }) => workspace === slug);
      expect(of(planned.archived, sound.slug)).toEqual({ workspace: sound.slug, first_seq: 1, last_seq: 2 });
      expect(await verifyAuditChain(sound.id)).toEqual(expect.not.objectContaining({ archived: 2 }));

      const { code, stdout, stderr } = await run();
      const done = JSON.parse(stdout);
      expect([code, done.failed, stderr]).toEqual([
        1,
        [broken.slug],
        expect.stringContaining('broken at event 1'),
      ]);
      expect(of(done.archived, sound.slug)).toMatchObject({ first_seq: 1, last_seq: 2, dropped: 2 });
      // The event of that run is old, too, and the only one left.
      expect(of(JSON.parse((await run('--dry-run')).stdout).archived, sound.slug)).toBeUndefined();
    } finally {
      vi.useRealTimers();
    }
    expect(await verifyAuditChain(sound.id)).toMatchObject({ ok: true, events: 3, archived: 2 });
    expect((await listAuditEvents(broken.id, { limit: 10 })).data).toHaveLength(2);
  });
});

describe('audit:archive after an interruption', () => {
  it('drops what the run before had archived, with its entries in the index of repositories', async () => {
    const workspace = await makeLog(2);
    await owner.query(
      "INSERT INTO minted_repositories (workspace_id, repository_id, seq, name) VALUES ($1, 1, 1, 'acme/api')",
      [workspace.id],
    );
    await registerArchive(owner, await write(workspace, 2));
    await assertAppIdentity();
    vi.stubEnv('MIGRATION_DATABASE_URL', environment.OWNER_DATABASE_URL);
    const { stdout } = await runHere(...scheduledArguments(), '--workspace', workspace.slug);
    expect(JSON.parse(stdout)).toMatchObject({ archived: [{ workspace: workspace.slug, dropped: 2 }] });
    const left = 'SELECT FROM minted_repositories WHERE workspace_id = $1';
    expect((await owner.query(left, [workspace.id])).rowCount).toBe(0);
  });
});

describe('an archive of more events than one statement drops', () => {
  it('is dropped completely', async () => {
    const workspace = await makeLog(1);
    await owner.query(
      `INSERT INTO audit_events (workspace_id, type, actor_type, actor_id, actor_label, request_id, details)
        SELECT $1, 'audit.exported', 'system', 'x', 'x', 'r', '{"format":"csv"}' FROM generate_series(1, 1000)`,
      [workspace.id],
    );
    await registerArchive(owner, await write(workspace, 1001));
    expect(await dropArchived(owner, workspace.id)).toBe(1001);
    expect(await verifyAuditChain(workspace.id)).toMatchObject({ ok: true, events: 1002, archived: 1001 });
  });
});

describe('an event that is in no archive', () => {
  it('cannot be deleted, even by the database’s owner', async () => {
    const workspace = await makeLog(3);
    const { id } = workspace;
    const manifest = await write(workspace, 2);
    const remove = (seq: number) =>
      owner.query('DELETE FROM audit_events WHERE workspace_id = $1 AND seq = $2', [id, seq]);
    await expect(remove(1)).rejects.toThrow('append-only');
    await registerArchive(owner, manifest);
    await expect(remove(3)).rejects.toThrow('append-only');
    expect((await remove(2)).rowCount).toBe(1);
    await expect(owner.query('DELETE FROM audit_archives')).rejects.toThrow('append-only');
    await expect(owner.query('UPDATE audit_archives SET last_seq = 4')).rejects.toThrow('append-only');
  });

  it('is not dropped if the archive was not recorded, does not continue the last one, or ends elsewhere', async () => {
    const workspace = await makeLog(4);
    const manifest = await write(workspace, 3);
    const refused = (changed: Partial<Manifest>) =>
      expect(registerArchive(owner, { ...manifest, ...changed })).rejects;
    await refused({ file_sha256: 'f'.repeat(64) }).toThrow('does not record');
    await refused({ last_hash: 'f'.repeat(64) }).toThrow('another hash');
    await refused({ last_seq: 2 }).toThrow('another hash');
    await refused({ first_seq: 2 }).toThrow('begins with event 1');
    await registerArchive(owner, manifest);
    await refused({}).toThrow('begins with event 4');
  });

  it('is not archived if the chain is broken before it', async () => {
    const workspace = await makeLog(3);
    await forge(workspace.id);
    await expect(write(workspace, 3)).rejects.toThrow('broken at event 1');
  });
});
