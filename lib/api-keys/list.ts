import { z } from 'zod';
import type { ApiKey } from '../contract/api-keys';
import type { List } from '../contract/pagination';
import { cursorOf } from '../cursor';
import { getDb } from '../db/client';
import { isUuid } from '../db/uuid';
import { notFound } from '../problem';
import { describeApiKeys } from './describe';

/** When a key was created, and which it is. */
const Cursor = cursorOf(z.tuple([z.iso.datetime(), z.uuid()]));

/**
 * A workspace's keys, newest first, revoked and expired ones among them: the list is also their record.
 *
 * @throws {Problem} `invalid_request` for a cursor that is not ours
 */
export async function listApiKeys(
  workspaceId: string,
  page: { cursor?: string | undefined; limit: number },
): Promise<List<ApiKey>> {
  const after = page.cursor === undefined ? undefined : Cursor.decode(page.cursor);
  const db = getDb();
  const rows = await db.apiKey.findMany({
    where: {
      workspaceId,
      ...(after && {
        OR: [{ createdAt: { lt: after[0] } }, { createdAt: after[0], id: { lt: after[1] } }],
      }),
    },
    orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
    take: page.limit + 1,
  });
  const shown = rows.slice(0, page.limit);
  const last = shown.at(-1);
  return {
    data: await describeApiKeys(db, workspaceId, shown),
    next_cursor:
      rows.length > page.limit && last !== undefined
        ? Cursor.encode([last.createdAt.toISOString(), last.id])
        : null,
  };
}

/** One of a workspace's keys. @throws {Problem} `not_found` */
export async function findApiKey(workspaceId: string, id: string): Promise<ApiKey> {
  const db = getDb();
  const row = isUuid(id) ? await db.apiKey.findFirst({ where: { id, workspaceId } }) : null;
  const [key] = row === null ? [] : await describeApiKeys(db, workspaceId, [row]);
  if (key === undefined) throw notFound();
  return key;
}

/** Which of these keys a rotation has replaced. The audit log is the only record of that: a key's row just ends. */
export async function findRotatedKeys(workspaceId: string, ids: readonly string[]): Promise<Set<string>> {
  if (ids.length === 0) return new Set();
  const rows = await getDb().$queryRaw<{ id: string }[]>`
    SELECT DISTINCT details->>'rotated_api_key_id' AS id FROM audit_events
    WHERE workspace_id = ${workspaceId}::uuid AND type = 'api_key.rotated'
      AND details->>'rotated_api_key_id' = ANY (${[...ids]}::text[])`;
  return new Set(rows.map(({ id }) => id));
}
