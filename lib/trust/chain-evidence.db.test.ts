import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { SYSTEM_CLI } from '../actor';
import { recordAuditEventNow } from '../audit/record';
import { untyped } from '../audit/test-event';
import { makeWorkspace, startTestApp, TEST_ORIGIN } from '../auth/test-fixtures';
import { readChainEvidence } from './chain-evidence';

const environment = await startTestApp();
const owner = new pg.Client(environment.OWNER_DATABASE_URL);
beforeAll(() => owner.connect());
afterAll(() => owner.end());

async function workspaceWith(events: number): Promise<string> {
  const { id: workspaceId } = await makeWorkspace();
  for (let n = 0; n < events; n++)
    await recordAuditEventNow(
      untyped({
        workspaceId,
        type: 'github.token_minted',
        actor: SYSTEM_CLI,
        origin: TEST_ORIGIN,
        details: { n },
      }),
    );
  return workspaceId;
}

async function tamper(sql: string, values: unknown[]): Promise<void> {
  await owner.query('ALTER TABLE audit_events DISABLE TRIGGER USER');
  await owner.query(sql, values);
  await owner.query('ALTER TABLE audit_events ENABLE TRIGGER USER');
}

it('reports no fault in an intact chain, even an empty one', async () => {
  expect(await readChainEvidence(await workspaceWith(3))).toMatchObject({
    events: 3,
    verified: 3,
    firstBad: null,
  });
  expect(await readChainEvidence(await workspaceWith(0))).toMatchObject({
    events: 0,
    verified: 0,
    firstBad: null,
  });
});

it.each([
  ['changed', "UPDATE audit_events SET type = 'x' WHERE workspace_id = $1 AND seq = 2", 2],
  ['removed', 'DELETE FROM audit_events WHERE workspace_id = $1 AND seq = 2', 2],
  ['removed at the end', 'DELETE FROM audit_events WHERE workspace_id = $1 AND seq = 3', 3],
])('detects an event that was %s', async (_, sql, firstBad) => {
  const workspaceId = await workspaceWith(3);
  await tamper(sql, [workspaceId]);
  expect(await readChainEvidence(workspaceId)).toMatchObject({ events: 3, firstBad });
});

it('verifies only the newest thousand events of a long chain, and detects a change among them', async () => {
  const { id: workspaceId } = await makeWorkspace();
  await owner.query(
    `INSERT INTO audit_events (workspace_id, type, actor_type, actor_id, actor_label, request_id, details)
      SELECT $1, 'member.invited', 'user', 'u', 'u', 'r', '{}' FROM generate_series(1, 1100)`,
    [workspaceId],
  );
  await tamper("UPDATE audit_events SET type = 'x' WHERE workspace_id = $1 AND seq IN (50, 1050)", [
    workspaceId,
  ]);
  expect(await readChainEvidence(workspaceId)).toMatchObject({ events: 1100, verified: 949, firstBad: 1050 });
});

it('shares one verification among concurrent readers, and does not cache a failure', async () => {
  const workspaceId = await workspaceWith(1);
  const [first, second] = [readChainEvidence(workspaceId), readChainEvidence(workspaceId)];
  expect(second).toBe(first);
  await expect(readChainEvidence('no uuid')).rejects.toThrow();
  await expect(readChainEvidence('no uuid')).rejects.toThrow();
  expect(await first).toMatchObject({ events: 1 });
});
