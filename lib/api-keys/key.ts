/** API keys: how they are generated, checked, stored and shown, and which caller they authenticate. */
import { createHash, randomInt } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { ApiKeyActor, RequestOrigin } from '../actor';
import { type Config, getConfig } from '../config';
import type { MintingStop } from '../contract/minting-stop';
import { execute, query, type Sql, sql } from '../db/sql';
import {
  INSTALLATIONS_OF_W,
  STOP_OF_W_OR_K,
  type StoredInstallation,
  type StoredInstallations,
} from '../installation/stored';
import { log } from '../observability/log';
import { Problem, refusedService } from '../problem';
import { type KeyUse, type RefusedUse, recordRefusedUse, refusedUse } from './refused-use';

type EnvironmentName = Config['environment'];

/** One prefix per environment, so that a key used in the wrong environment is recognised at a glance. */
const PREFIXES = {
  dev: 'psk_dev_',
  demo: 'psk_demo_',
  staging: 'psk_stg_',
  prod: 'psk_live_',
} as const satisfies Record<EnvironmentName, string>;

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const RANDOM_CHARACTERS = 32;
/** Six base62 characters hold every CRC-32, because 62^6 > 2^32. */
const CHECKSUM_CHARACTERS = 6;
/** Number of random characters to show. The 28 hidden ones still have 166 bits of entropy. */
const DISPLAYED_CHARACTERS = 4;

const FORMAT = /^psk_(?:dev|demo|stg|live)_[0-9A-Za-z]{38}$/;

function checksum(text: string): string {
  let rest = crc32(text);
  let result = '';
  for (let i = 0; i < CHECKSUM_CHARACTERS; i++) {
    result = BASE62.charAt(rest % 62) + result;
    rest = Math.floor(rest / 62);
  }
  return result;
}

/** Generates a key. `randomInt` is cryptographically secure and has no modulo bias. */
export function generateApiKey(environment: EnvironmentName): string {
  let key: string = PREFIXES[environment];
  for (let i = 0; i < RANDOM_CHARACTERS; i++) key += BASE62.charAt(randomInt(BASE62.length));
  return key + checksum(key);
}

/**
 * Checks a caller's key without the database: first the format, then the environment, then the checksum.
 *
 * @returns `well_formed` if only the database can tell whether the key is valid
 */
export function inspectApiKey(
  text: string,
  environment: EnvironmentName,
): 'well_formed' | 'malformed' | 'other_environment' | 'bad_checksum' {
  if (!FORMAT.test(text)) return 'malformed';
  if (!text.startsWith(PREFIXES[environment])) return 'other_environment';
  return checksum(text.slice(0, -CHECKSUM_CHARACTERS)) === text.slice(-CHECKSUM_CHARACTERS)
    ? 'well_formed'
    : 'bad_checksum';
}

/**
 * Returns the start of a key, as shown on pages, in lists and in the audit log. It identifies the key but does not help
 * anyone guess the rest.
 */
export function displayPrefix(key: string): string {
  return key.slice(0, key.lastIndexOf('_') + 1 + DISPLAYED_CHARACTERS);
}

/** Returns the key's hash, the only form in which a key is stored. */
export function hashApiKey(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}

type Row = {
  id: string;
  name: string;
  bound: boolean;
  repository_ids: bigint[];
  workspace_id: string;
  slug: string;
  display_prefix: string;
  refused_use: RefusedUse | null;
  use_is_stale: boolean;
  installations: StoredInstallation[];
  stop: MintingStop | null;
};

/** An API key and its workspace's installations. Reading both in one statement saves a mint a round trip. */
export type AuthenticatedKey = ApiKeyActor & { installations: StoredInstallations };

/**
 * Finds a key that is neither revoked nor expired. The database's clock decides whether a key has expired, because all
 * replicas share that clock.
 *
 * @param clientIp compared with the key's networks; `null` lies outside every network
 */
async function findKey(which: Sql, clientIp: string | null): Promise<Row | undefined> {
  const statement = sql<Row>`SELECT k.id, k.name, k.bound, k.repository_ids, k.display_prefix,
      w.id AS workspace_id, w.slug,
      CASE WHEN NOT w.api_keys_allowed THEN 'api_keys_not_allowed'
        WHEN cardinality(k.networks) > 0 AND (${clientIp}::inet <<= ANY (k.networks)) IS NOT TRUE
        THEN 'address_not_allowed' END AS refused_use,
      k.last_used_at IS NULL OR k.last_used_at < now() - interval '1 minute' AS use_is_stale,
      ${INSTALLATIONS_OF_W} AS installations, ${STOP_OF_W_OR_K} AS stop
    FROM api_keys k JOIN workspaces w ON w.id = k.workspace_id
    WHERE k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > now()) AND ${which}`;
  const [row] = await query('mint', statement);
  return row;
}

/** Ids of the keys whose last use this process is currently writing. */
const touching = new Set<string>();

/**
 * Records when and from where a key was used. The statement checks again that the stored time is old, so that only one
 * of several replicas updates the row.
 */
function touch(id: string, clientIp: string | null): void {
  if (touching.has(id)) return;
  touching.add(id);
  const statement = sql`UPDATE api_keys SET last_used_at = now(), last_used_ip = ${clientIp}::inet
    WHERE id = ${id}::uuid AND (last_used_at IS NULL OR last_used_at < now() - interval '1 minute')`;
  execute('mint', statement)
    .catch((error: unknown) =>
      log.warn({ err: error, api_key_id: id }, 'could not note the last use of an API key'),
    )
    .finally(() => touching.delete(id));
}

/**
 * Authenticates a request by its API key. Nothing is cached, so a revoked or expired key is refused on the next
 * request. A malformed key, or a key with the wrong environment or checksum, is refused without a query.
 *
 * @param key the credential of an `Authorization: Bearer` header; `null` if none was sent
 * @throws {Problem} `unauthenticated`; `forbidden` for a valid key that its networks or its workspace don't allow here
 */
export async function authenticateApiKey(key: string | null, use: KeyUse): Promise<AuthenticatedKey> {
  if (key === null) throw refusedService();
  switch (inspectApiKey(key, getConfig().environment)) {
    case 'other_environment':
      throw new Problem('unauthenticated', 'This API key belongs to another environment.');
    case 'malformed':
    case 'bad_checksum':
      throw refusedService();
    case 'well_formed':
  }
  const readAt = performance.now();
  const row = await findKey(sql`k.hash = ${hashApiKey(key)}`, use.clientIp);
  if (row === undefined) throw refusedService();
  if (row.refused_use !== null) {
    await recordRefusedUse({ actor: toActor(row), displayPrefix: row.display_prefix }, row.refused_use, use);
    throw refusedUse(row.refused_use, use.clientIp);
  }
  if (row.use_is_stale) touch(row.id, use.clientIp);
  return { ...toActor(row), installations: { rows: row.installations, stop: row.stop, readAt } };
}

/**
 * Reads a request's key again: since the request began, it may have expired, been revoked, or been bound to other
 * repositories or networks.
 *
 * @throws {Problem} `unauthenticated` or `forbidden`, as for a new request
 */
export async function reloadApiKey(
  actor: ApiKeyActor,
  { clientIp }: Pick<RequestOrigin, 'clientIp'>,
): Promise<ApiKeyActor> {
  const which = sql`k.id = ${actor.id}::uuid AND k.workspace_id = ${actor.workspace.id}::uuid`;
  const row = await findKey(which, clientIp);
  if (row === undefined) throw refusedService();
  if (row.refused_use !== null) throw refusedUse(row.refused_use, clientIp);
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
