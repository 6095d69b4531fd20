/** An admin loses the role while an export, a verification or a sync is running. */
import { NextRequest } from 'next/server';
import { encode } from 'next-auth/jwt';
import pg from 'pg';
import { beforeEach, describe, expect, it } from 'vitest';
import { SYSTEM_CLI, type UserActor } from '@/lib/actor';
import { recordAuditEventNow } from '@/lib/audit/record';
import { untyped } from '@/lib/audit/test-event';
import { makeUser, TEST_ORIGIN } from '@/lib/auth/test-fixtures';
import { getConfig } from '@/lib/config';
import { getDb } from '@/lib/db/client';
import { clearWorld, connectedScene, type Scene, storedInstallation } from '@/lib/testing/test-scene';
import { startTestWorld } from '@/lib/testing/test-world';
import { addMember, changeMemberRole, removeMember } from '@/lib/workspace/members';
import { GET as exportLog } from './audit-events/route';
import { GET as verify } from './audit-events/verify/route';
import { POST as sync } from './github/installations/[id]/sync/route';

const world = await startTestWorld();
const { github } = world;
const READ = 'GET /app/installations/{installation_id}';

let scene: Scene;
let admin: UserActor;

beforeEach(async () => {
  await clearWorld(world);
  scene = await connectedScene(world, { account: 'acme', by: 'olivia' });
  admin = await makeUser();
  await addMember(by(), admin.id, 'admin');
  github.requests.clear();
});

const by = () => ({ workspaceId: scene.workspaceId, actor: SYSTEM_CLI, origin: TEST_ORIGIN });

type Route = (request: NextRequest, next: { params: Promise<Record<string, string>> }) => Promise<Response>;

async function call(route: Route, query = '', method = 'GET'): Promise<Response> {
  const jwt = await encode({ token: { sub: admin.id }, secret: getConfig().auth.secret });
  const request = new NextRequest(`http://localhost:3000/api/v1/x?${query}`, {
    method,
    headers: { authorization: `Bearer ${jwt}`, 'x-forwarded-for': '198.51.100.7' },
  });
  const params = {
    workspace: scene.slug,
    ...(method === 'POST' ? { id: String(scene.installationId) } : {}),
  };
  return route(request, { params: Promise.resolve(params) });
}

const ENDINGS = [
  ['is removed', () => removeMember(by(), admin.id), 404],
  ['becomes a member', () => changeMemberRole(by(), admin.id, 'member'), 403],
  ['is deleted', () => asOwner((db) => db.query('DELETE FROM users WHERE id = $1', [admin.id])), 404],
] as const;

async function asOwner<T>(run: (db: pg.Client) => Promise<T>): Promise<T> {
  const db = new pg.Client(world.environment.OWNER_DATABASE_URL);
  await db.connect();
  try {
    return await run(db);
  } finally {
    await db.end();
  }
}

describe('an export', () => {
  it.each(ENDINGS)(
    'cuts an export off, so that it never looks complete, once its admin %s',
    async (_, end) => {
      const wide = { text: 'x'.repeat(2000) };
      for (let n = 0; n < 150; n++)
        await recordAuditEventNow(untyped({ ...by(), type: 'member.added', details: wide }));
      const open = async (format: string) => {
        const response = await call(exportLog, `format=${format}`);
        expect(response.status).toBe(200);
        const reader = response.body?.getReader();
        if (reader === undefined) throw new Error('no body');
        expect((await reader.read()).done).toBe(false);
        return reader;
      };
      const readers = [await open('ndjson'), await open('csv')];
      await end();
      for (const reader of readers) {
        const rest = async () => {
          for (;;) if ((await reader.read()).done) return 'complete';
        };
        await expect(rest()).rejects.toThrow();
      }
    },
  );

  it('completes an export for an admin who keeps the role', async () => {
    const lines = (await (await call(exportLog, 'format=ndjson')).text()).trimEnd().split('\n');
    expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ type: 'audit.exported' });
  });
});

describe('a verification', () => {
  it.each([
    ['is removed', 'DELETE FROM memberships WHERE user_id = $1', 404],
    ['becomes a member', `UPDATE memberships SET role = 'member' WHERE user_id = $1`, 403],
    ['is deleted', 'DELETE FROM users WHERE id = $1', 404],
  ])(
    'reveals no result of a verification once its admin %s while the log is read',
    async (_, sql, status) => {
      await asOwner(async (db) => {
        await db.query('BEGIN');
        await db.query('LOCK TABLE audit_events IN ACCESS EXCLUSIVE MODE');
        const answer = call(verify);
        const readsWaiting = () =>
          getDb().$queryRaw<unknown[]>`SELECT 1 FROM pg_stat_activity
          WHERE datname = current_database() AND wait_event_type = 'Lock'`;
        await expect.poll(readsWaiting, { interval: 20 }).toHaveLength(1);
        await db.query(sql, [admin.id]);
        await db.query('COMMIT');
        expect((await answer).status).toBe(status);
      });
    },
  );

  it('answers a verification for an admin who keeps the role', async () => {
    expect(await (await call(verify)).json()).toMatchObject({ ok: true });
  });
});

describe('a sync that an admin asks for', () => {
  it.each(ENDINGS)(
    'reveals no result of a sync once its admin %s while GitHub answers',
    async (_, end, status) => {
      const held = github.knobs.holdNextAnswer(READ);
      const answer = call(sync, '', 'POST');
      await held.arrived;
      await end();
      held.release();
      expect((await answer).status).toBe(status);
      // The sync is completed all the same: what GitHub returned is stored, no matter who requested the sync.
      expect((await storedInstallation(scene.installationId)).syncRequestedAt).toBeNull();
    },
  );

  it('answers a sync for an admin who keeps the role', async () => {
    expect((await call(sync, '', 'POST')).status).toBe(200);
  });
});
