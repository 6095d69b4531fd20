import pg from 'pg';
import { symbols } from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { SYSTEM_CLI } from '../actor';
import { makeWorkspace, startTestApp, TEST_ORIGIN } from '../auth/test-fixtures';
import { log } from '../observability/log';
import { anchorAuditChains } from './anchor';
import { compareAnchors } from './compare-anchors';
import { recordAuditEventNow } from './record';
import { verifyAuditChain } from './verify';

const environment = await startTestApp();
const owner = new pg.Client(environment.OWNER_DATABASE_URL);
beforeAll(() => owner.connect());
afterAll(() => owner.end());

async function record(workspaceId: string): Promise<void> {
  await recordAuditEventNow({
    workspaceId,
    actor: SYSTEM_CLI,
    origin: TEST_ORIGIN,
    type: 'audit.exported',
    details: { format: 'csv' },
  });
}

/** Creates a workspace with three events. */
async function makeLog(): Promise<string> {
  const { id } = await makeWorkspace();
  for (let n = 0; n < 3; n++) await record(id);
  return id;
}

/** Anchors all chains, and returns the text that reaches the log. */
async function anchored(): Promise<string> {
  let text = '';
  const before: unknown = Reflect.get(log, symbols.streamSym);
  Reflect.set(log, symbols.streamSym, {
    write: (line: string) => {
      text += line;
    },
  });
  try {
    await anchorAuditChains();
  } finally {
    Reflect.set(log, symbols.streamSym, before);
  }
  return text;
}

async function* inPieces(text: string): AsyncGenerator<string> {
  for (let at = 0; at < text.length; at += 100) yield text.slice(at, at + 100);
}

/** Changes the log as the database's owner can. */
async function tamper(statement: string, workspaceId: string): Promise<void> {
  await owner.query('ALTER TABLE audit_events DISABLE TRIGGER USER');
  await owner.query(statement, [workspaceId]);
  for (const trigger of ['append', 'are_append_only', 'mint', 'mint_authority', 'name_repositories'])
    await owner.query(`ALTER TABLE audit_events ENABLE ALWAYS TRIGGER audit_events_${trigger}`);
}

it('accepts chains that continue the anchored ones, and ignores all other lines', async () => {
  const id = await makeLog();
  const first = await anchored();
  await record(id);
  const noise = 'not JSON: audit chain head\n{"msg":"audit chain head","workspace_id":"x"}\n\n[1]\n';
  const comparison = await compareAnchors(inPieces(first + noise + (await anchored())));
  expect(comparison).toMatchObject({ anchors: 2, workspace_ids: [id], lost: [], changed: [] });
});

it('reveals that a restored chain lacks anchored events, although the chain itself is intact', async () => {
  const id = await makeLog();
  const log = await anchored();
  await tamper('DELETE FROM audit_events WHERE workspace_id = $1 AND seq > 2', id);
  await owner.query(
    `UPDATE audit_chains AS c SET seq = e.seq, head_hash = e.hash FROM audit_events AS e
      WHERE c.workspace_id = $1 AND e.workspace_id = $1 AND e.seq = 2`,
    [id],
  );
  expect(await verifyAuditChain(id)).toMatchObject({ ok: true, events: 2 });
  const { lost, changed } = await compareAnchors(inPieces(log));
  expect({ lost, changed }).toEqual({ lost: [{ workspace_id: id, anchored_seq: 3 }], changed: [] });
  // A new event in the place of the lost one has another hash.
  await record(id);
  expect(await verifyAuditChain(id)).toMatchObject({ ok: true, events: 3 });
  expect((await compareAnchors(inPieces(log))).changed).toEqual([{ workspace_id: id, seq: 3 }]);
});
