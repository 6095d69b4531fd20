import type { ApiKey } from '../contract/api-keys';
import type { List } from '../contract/pagination';
import { getDb } from '../db/client';
import { Problem } from '../problem';
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
