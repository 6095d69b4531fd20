import pg from 'pg';
import { expect, inject, it } from 'vitest';
import { runAsSuperuser } from '../../local/services/postgres/databases';
import { createTestDatabase } from '../../local/test/database';
import { reportDurability } from './durability';

const database = await createTestDatabase();

async function asApp<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client(database.appUrl);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

it.each(['off', 'local'])(
  'commits an audit row synchronously even if the session sets synchronous_commit to %s',
  async (setting) => {
    const seen = await asApp(async (client) => {
      await client.query(`SET synchronous_commit = '${setting}'`);
      await runAsSuperuser(
        inject('postgres').server,
        (superuser) => superuser.query(`INSERT INTO workspaces (slug, name) VALUES ('w-${setting}', 'W')`),
        database.name,
      );
      await client.query('BEGIN');
      await client.query(`INSERT INTO audit_events (workspace_id, type, actor_type, actor_id, actor_label, request_id, details)
      SELECT id, 'x', 'system', 'x', 'x', 'x', '{}' FROM workspaces WHERE slug = 'w-${setting}'`);
      const during = await client.query('SHOW synchronous_commit');
      await client.query('COMMIT');
      const after = await client.query('SHOW synchronous_commit');
      return [during.rows[0].synchronous_commit, after.rows[0].synchronous_commit];
    });
    expect(seen).toEqual(['on', setting]);
  },
);

it('keeps a stronger synchronous_commit setting', async () => {
  const seen = await asApp(async (client) => {
    await client.query(`SET synchronous_commit = 'remote_apply'; BEGIN`);
    await client.query(`INSERT INTO audit_events (workspace_id, type, actor_type, actor_id, actor_label, request_id, details)
      SELECT id, 'x', 'system', 'x', 'x', 'x', '{}' FROM workspaces LIMIT 1`);
    return (await client.query('SHOW synchronous_commit')).rows[0].synchronous_commit;
  });
  expect(seen).toBe('remote_apply');
});

it('warns the operator only about a server that may lose committed rows', async () => {
  const as = (row: Record<string, unknown>) => ({ query: async () => ({ rows: [row] }) }) as never;
  const sound = { fsync: 'on', full_page_writes: 'on', standbys: 0, synchronous_standby_names: '' };
  expect(await reportDurability(as(sound))).toEqual([]);
  expect(
    await reportDurability(as({ ...sound, standbys: 1, synchronous_standby_names: 'ANY 1 (a, b)' })),
  ).toEqual([]);
  expect(await reportDurability(as({ ...sound, fsync: 'off' }))).toEqual([
    expect.stringContaining('fsync is off'),
  ]);
  expect(await reportDurability(as({ ...sound, standbys: 1 }))).toEqual([
    expect.stringContaining('asynchronous'),
  ]);
  // Run the real query as the app's role. Test servers usually run without fsync, because that is faster.
  const { fsync } = await asApp(async (client) => (await client.query('SHOW fsync')).rows[0]);
  const told = await asApp((client) => reportDurability(client));
  expect(told.some((text) => text.includes('fsync'))).toBe(fsync === 'off');
});
