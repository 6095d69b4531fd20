import { NextRequest } from 'next/server';
import pg from 'pg';
import { expect, it } from 'vitest';
import { SYSTEM_CLI } from '@/lib/actor';
import { createApiKey } from '@/lib/api-keys/manage';
import { makeInstallation, makeWorkspace, startTestApp, TEST_ORIGIN } from '@/lib/auth/test-fixtures';
import { getDb } from '@/lib/db/client';
import { GET } from './route';

const environment = await startTestApp();

it('names no repository to a key that is revoked while the list is read', async () => {
  const { id: workspaceId } = await makeWorkspace();
  await makeInstallation(workspaceId, ['acme/api']);
  const { id, key } = await createApiKey(
    { workspaceId, actor: SYSTEM_CLI, origin: TEST_ORIGIN },
    { name: 'engine' },
  );
  const list = () =>
    GET(
      new NextRequest('http://localhost:3000/api/v1/internal/github/repositories', {
        headers: { authorization: `Bearer ${key}`, 'x-forwarded-for': '198.51.100.7' },
      }),
      { params: Promise.resolve({}) },
    );
  expect((await list()).status).toBe(200);
  const owner = new pg.Client(environment.OWNER_DATABASE_URL);
  await owner.connect();
  try {
    await owner.query('BEGIN');
    await owner.query('LOCK TABLE repositories IN ACCESS EXCLUSIVE MODE');
    const answer = list();
    const waiting = () =>
      getDb().$queryRaw<unknown[]>`SELECT 1 FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event_type = 'Lock'`;
    await expect.poll(waiting, { interval: 20 }).toHaveLength(1);
    await owner.query('UPDATE api_keys SET revoked_at = now() WHERE id = $1', [id]);
    await owner.query('COMMIT');
    expect((await answer).status).toBe(401);
  } finally {
    await owner.end();
  }
});
