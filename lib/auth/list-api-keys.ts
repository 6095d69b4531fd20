import type { ApiKey } from '../contract/api-keys';
import type { List } from '../contract/pagination';
import { getDb } from '../db/client';
import { notFound, Problem } from '../problem';
import { describeApiKeys } from './describe-api-keys';
import { isUuid } from './uuid';

/** A place between two keys of the list, newest first. */
type Place = { createdAt: Date; id: string };

function writeCursor(place: Place): string {
  return Buffer.from(`${place.createdAt.toISOString()} ${place.id}`).toString('base64url');
}

function readCursor(cursor: string): Place {
  const [time = '', id = ''] = Buffer.from(cursor, 'base64url').toString('utf8').split(' ');
  const createdAt = new Date(time);
  if (Number.isNaN(createdAt.getTime()) || !isUuid(id))
    throw new Problem('invalid_request', 'The cursor is not one of ours.', {
      errors: [{ path: 'cursor', message: 'must be a next_cursor of this list' }],
    });
  return { createdAt, id };
}

/**
 * A workspace's keys, newest first, revoked and expired ones among them: the list is also their record.
 *
 * @throws {Problem} `invalid_request` for a cursor that is not ours
 */
export async function listApiKeys(
  workspaceId: string,
  page: { cursor?: string | undefined; limit: number },
): Promise<List<ApiKey>> {
  const after = page.cursor === undefined ? undefined : readCursor(page.cursor);
  const db = getDb();
  const rows = await db.apiKey.findMany({
    where: {
      workspaceId,
      ...(after && {
        OR: [{ createdAt: { lt: after.createdAt } }, { createdAt: after.createdAt, id: { lt: after.id } }],
      }),
    },
    orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
    take: page.limit + 1,
  });
  const shown = rows.slice(0, page.limit);
  const last = shown.at(-1);
  return {
    data: await describeApiKeys(db, workspaceId, shown),
    next_cursor: rows.length > page.limit && last !== undefined ? writeCursor(last) : null,
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
