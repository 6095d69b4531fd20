import { isDeepStrictEqual } from 'node:util';
import { recordAuditEvent } from '../audit/record';
import { requireAdmin } from '../auth/session';
import type { ApiKey, UpdateApiKey } from '../contract/api-keys';
import { hasEnded } from '../credentials/read';
import { inTransaction, type Transaction } from '../db/client';
import type { ApiKey as ApiKeyRow } from '../db/generated/client';
import { resolveRepositoryIds } from '../installation/resolve-repositories';
import { Problem } from '../problem';
import { type ApiKeyAdministration, auditDetails, lockKey } from './manage';
import { describeApiKeys } from './read-api-keys';

/**
 * Changes a key's name, repositories or networks. The change takes effect on the key's next request, and on a mint whose
 * audit row is not stored yet. A change that changes nothing is not recorded.
 *
 * @param wanted omitted fields stay as they are
 * @throws {Problem} `not_found`, `forbidden`, `repository_not_accessible`; `invalid_request` if the key was revoked or
 *   has expired
 */
export async function updateApiKey(
  by: ApiKeyAdministration,
  id: string,
  wanted: UpdateApiKey,
): Promise<ApiKey> {
  return inTransaction(async (tx) => {
    await requireAdmin(tx, by.workspaceId, by.actor);
    const old = await lockKey(tx, by, id);
    if (hasEnded(old))
      throw new Problem('invalid_request', 'This key was revoked or has expired, so it cannot be changed.');
    const { name = old.name, networks = old.networks } = wanted;
    const next = { name, networks, ...(await bindingOf(tx, old, wanted.repositories)) };
    const before = changed(auditDetails(old), auditDetails({ ...old, ...next }));
    const row =
      Object.keys(before).length === 0 ? old : await tx.apiKey.update({ where: { id: old.id }, data: next });
    if (row !== old)
      await recordAuditEvent(tx, {
        ...by,
        type: 'api_key.updated',
        details: { ...auditDetails(row), before },
      });
    const [described] = await describeApiKeys(tx, by.workspaceId, [row]);
    if (described === undefined) throw new Error('a changed key was not described');
    return described;
  });
}

/**
 * Returns the repositories that the key is to be bound to. Repositories in its list stay there even if they aren't
 * shared now, so an edit during a suspension takes nothing away.
 */
async function bindingOf(
  tx: Transaction,
  old: ApiKeyRow,
  wanted: UpdateApiKey['repositories'],
): Promise<Pick<ApiKeyRow, 'bound' | 'repositoryIds'>> {
  if (wanted === undefined) return { bound: old.bound, repositoryIds: old.repositoryIds };
  if (wanted === null) return { bound: false, repositoryIds: [] };
  const kept = new Set(old.repositoryIds);
  return { bound: true, repositoryIds: await resolveRepositoryIds(tx, old.workspaceId, wanted, kept) };
}

type Details = ReturnType<typeof auditDetails>;

/** Returns the former values of the fields that differ. */
function changed(
  old: Details,
  next: Details,
): Partial<Pick<Details, 'name' | 'repository_ids' | 'networks'>> {
  const names = (['name', 'repository_ids', 'networks'] as const).filter(
    (name) => !isDeepStrictEqual(old[name], next[name]),
  );
  return Object.fromEntries(names.map((name) => [name, old[name]]));
}
