import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { findBackupPrograms, runProgram } from '../../local/services/postgres/backup';
import { createDatabase, dropDatabase, OWNER_ROLE } from '../../local/services/postgres/databases';
import { startPostgres } from '../../local/services/postgres/server';
import { dropArchived, registerArchive } from '../../prisma/drop-archived';
import { migrate } from '../../prisma/migrate';
import { SYSTEM_CLI } from '../actor';
import { makeWorkspace, TEST_ORIGIN, testEnvironment } from '../auth/test-fixtures';
import { getConfig } from '../config';
import { closeDb } from '../db/client';
import { recordArchive, writeArchive } from './archive';
import { GENESIS_HASH } from './chain';
import { compareAnchors } from './compare-anchors';
import { readChainHead } from './read';
import { recordAuditEventNow } from './record';
import { verifyAuditChain } from './verify';

const programs = findBackupPrograms();
const reason =
  programs === undefined ? ' (skipped: pg_dump and a server of its version are not on this machine)' : '';
const BY = { actor: SYSTEM_CLI, origin: TEST_ORIGIN };

const record = (workspaceId: string) =>
  recordAuditEventNow({ ...BY, workspaceId, type: 'audit.exported', details: { format: 'csv' } });

/** Returns the line that the app's log has for the chain as it is now. */
async function anchor(workspace_id: string): Promise<string> {
  const { seq, hash: head_hash } = await readChainHead(workspace_id);
  return `${JSON.stringify({ msg: 'audit chain head', workspace_id, seq, head_hash })}\n`;
}

async function* pieces(...lines: string[]): AsyncGenerator<string> {
  yield* lines;
}

describe.skipIf(programs === undefined)(`a backup${reason}`, async () => {
  if (programs === undefined) return;
  const folder = mkdtempSync(path.join(tmpdir(), 'restore-'));
  const postgres = await startPostgres({ binaries: programs.server });
  const database = await postgres.createMigratedDatabase('backed_up');
  for (const [name, value] of Object.entries(testEnvironment(database.appUrl))) vi.stubEnv(name, value);
  getConfig();
  afterAll(async () => {
    await closeDb();
    await postgres.stop();
    rmSync(folder, { recursive: true });
  });

  const asOwner = async <T>(work: (client: pg.Client) => Promise<T>): Promise<T> => {
    const client = new pg.Client(database.ownerUrl);
    await client.connect();
    return work(client).finally(() => client.end());
  };

  it('restores chains and archives that verify, and the anchors in the log reveal what came after it', async () => {
    const workspace = await makeWorkspace();
    const { id } = workspace;
    for (let n = 0; n < 3; n++) await record(id);
    const range = { after: { seq: 0, hash: GENESIS_HASH }, upTo: 2 };
    const manifest = await writeArchive({ ...range, workspace, folder });
    await recordArchive(manifest, BY);
    await asOwner((client) => registerArchive(client, manifest).then(() => dropArchived(client, id)));
    const before = await anchor(id);
    const dump = path.join(folder, 'pulsestream.dump');
    await runProgram(programs.dump, '--format=custom', `--file=${dump}`, database.ownerUrl);
    await record(id);
    const after = await anchor(id);
    expect(await compareAnchors(pieces(before, after))).toMatchObject({ anchors: 2, lost: [], changed: [] });

    await closeDb();
    await dropDatabase(postgres.server, database.name);
    await createDatabase(postgres.server, { name: database.name });
    const options = ['--exit-on-error', '--no-owner', '--no-privileges', `--role=${OWNER_ROLE}`];
    await runProgram(programs.restore, ...options, `--dbname=${database.ownerUrl}`, dump);
    await migrate(database);

    expect(await verifyAuditChain(id)).toMatchObject({ ok: true, events: 4, archived: 2 });
    expect(await compareAnchors(pieces(before))).toMatchObject({ lost: [], changed: [] });
    const lost = [{ workspace_id: id, anchored_seq: 5 }];
    expect(await compareAnchors(pieces(before, after))).toMatchObject({ lost, changed: [] });
    await record(id);
    expect(await verifyAuditChain(id)).toMatchObject({ ok: true, events: 5 });
    const changed = [{ workspace_id: id, seq: 5 }];
    expect(await compareAnchors(pieces(before, after))).toMatchObject({ lost: [], changed });
    // The restored log is append-only, too.
    const client = new pg.Client(database.appUrl);
    await client.connect();
    await expect(client.query('DELETE FROM audit_events')).rejects.toThrow('permission denied');
    await client.end();
    await expect(asOwner((owner) => owner.query('DELETE FROM audit_events'))).rejects.toThrow('append-only');
  });
});
