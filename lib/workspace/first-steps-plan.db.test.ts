import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeUser, makeWorkspace, startTestApp } from '../auth/test-fixtures';
import { rowsRead } from '../testing/test-plans';
import { readFirstSteps } from './first-steps';

const environment = await startTestApp();
const owner = new pg.Client(environment.OWNER_DATABASE_URL);
beforeAll(() => owner.connect());
afterAll(() => owner.end());

it.each([
  ['tokens of syncs only', 'github.token_minted', 'system:sync', 0],
  ['tokens of services', 'github.token_minted', 'engine', 1],
])('reads no more events than it shows in a log of 30,000 %s', async (_, type, actor, expected) => {
  const { id, people } = await makeWorkspace('owner');
  const [reader = await makeUser()] = people;
  await owner.query('ALTER TABLE audit_events DISABLE TRIGGER USER');
  try {
    await owner.query(
      `INSERT INTO audit_events (workspace_id, seq, occurred_at, workspace_slug, type, actor_type, actor_id,
          actor_label, request_id, details, prev_hash, hash)
        SELECT $1, n, now() - (30000 - n) * interval '1 minute', 'x', $2, 'system', $3, $3, 'x', '{}', '', ''
        FROM generate_series(1, 30000) AS n`,
      [id, type, actor],
    );
  } finally {
    await owner.query('ALTER TABLE audit_events ENABLE TRIGGER USER');
  }
  await owner.query('VACUUM ANALYZE audit_events');
  expect(await rowsRead(owner, 'audit_events', () => readFirstSteps(id, reader.id))).toBe(expected);
});
