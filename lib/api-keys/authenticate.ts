import type { ApiKeyActor } from '../actor';
import { getConfig } from '../config';
import { getPool } from '../db/pool';
import { log } from '../observability/log';
import { Problem } from '../problem';
import { hashApiKey, inspectApiKey } from './format';

type Row = {
  id: string;
  name: string;
  bound: boolean;
  /** `bigint[]` arrives as text. */
  repository_ids: string[];
  workspace_id: string;
  slug: string;
  use_is_stale: boolean;
};

/** Expiry is judged by the database's clock, which is the one that every replica shares. */
const LIVE = `SELECT k.id, k.name, k.bound, k.repository_ids, w.id AS workspace_id, w.slug,
    k.last_used_at IS NULL OR k.last_used_at < now() - interval '1 minute' AS use_is_stale
  FROM api_keys k JOIN workspaces w ON w.id = k.workspace_id
  WHERE k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > now())`;

const LOOK_UP = `${LIVE} AND k.hash = $1`;
const LOOK_UP_AGAIN = `${LIVE} AND k.id = $1::uuid AND k.workspace_id = $2::uuid`;

/** Asks again whether it is stale, so that of several replicas one writes. */
const TOUCH = `UPDATE api_keys SET last_used_at = now()
  WHERE id = $1 AND (last_used_at IS NULL OR last_used_at < now() - interval '1 minute')`;

/** Keys whose last use is being written by this process. */
const touching = new Set<string>();

function touch(id: string): void {
  if (touching.has(id)) return;
  touching.add(id);
  getPool('mint')
    .query(TOUCH, [id])
    .catch((error: unknown) =>
      log.warn({ err: error, api_key_id: id }, 'could not note the last use of an API key'),
    )
    .finally(() => touching.delete(id));
}

/** One text for unknown, expired, revoked and mistyped keys: a caller must not learn which. */
function refused(): Problem {
  return new Problem(
    'unauthenticated',
    'Send a valid API key of a workspace as "Authorization: Bearer psk_…".',
  );
}

/**
 * Revocation and expiry take effect on the next request: nothing is cached. A malformed key, one of another
 * environment or with a wrong checksum costs no query.
 *
 * @param key the credential of an `Authorization: Bearer` header; `null` if none was sent
 * @throws {Problem} `unauthenticated`
 */
export async function authenticateApiKey(key: string | null): Promise<ApiKeyActor> {
  if (key === null) throw refused();
  switch (inspectApiKey(key, getConfig().environment)) {
    case 'other_environment':
      throw new Problem('unauthenticated', 'This API key belongs to another environment.');
    case 'malformed':
    case 'bad_checksum':
      throw refused();
    case 'well_formed':
  }
  const { rows } = await getPool('mint').query<Row>(LOOK_UP, [hashApiKey(key)]);
  const row = rows[0];
  if (row === undefined) throw refused();
  if (row.use_is_stale) touch(row.id);
  return toActor(row);
}

/**
 * Reads the key of a request again, which may have been revoked, expired or bound anew since the request began.
 *
 * @throws {Problem} `unauthenticated`, as for a new request
 */
export async function reloadApiKey(actor: ApiKeyActor): Promise<ApiKeyActor> {
  const { rows } = await getPool('mint').query<Row>(LOOK_UP_AGAIN, [actor.id, actor.workspace.id]);
  const row = rows[0];
  if (row === undefined) throw refused();
  return toActor(row);
}

function toActor(row: Row): ApiKeyActor {
  return {
    type: 'api_key',
    id: row.id,
    label: row.name,
    workspace: { id: row.workspace_id, slug: row.slug },
    repositoryIds: row.bound ? row.repository_ids.map(Number) : null,
  };
}
