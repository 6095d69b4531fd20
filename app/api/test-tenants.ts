/** Makes the workspaces whose requests `every-answer.db.test.ts` sends, with credentials that have a fault. */
import { makeInstallation, makeWorkspace, TEST_ORIGIN } from '@/lib/auth/test-fixtures';
import { getDb } from '@/lib/db/client';
import { connectedScene } from '@/lib/testing/test-scene';
import type { TestWorld } from '@/lib/testing/test-world';
import { setApiKeysAllowed } from '@/lib/workspace/api-keys-allowed';
import { issuer, newKey, newRule, type Tenant } from './test-requests';

/** Returns a workspace that is connected to an organization. */
export async function connectedTenant(world: TestWorld, account: string, by: string): Promise<Tenant> {
  const { actor, ...scene } = await connectedScene(world, { account, by });
  await getDb().membership.updateMany({ where: { userId: actor.id }, data: { role: 'owner' } });
  return { ...scene, owner: actor, github: world.github };
}

/** Returns a workspace with an installation for each status, none of which GitHub shares with us. */
export async function tenantWith(
  { github }: TestWorld,
  ...statuses: ('active' | 'suspended' | 'deleted')[]
): Promise<Tenant> {
  const { id, slug, people } = await makeWorkspace('owner');
  const [person] = people;
  if (person === undefined) throw new Error('no owner');
  for (const status of statuses) await makeInstallation(id, ['acme/api'], status);
  return { workspaceId: id, slug, owner: person, installationId: 0, github };
}

/** Returns an identity token that rules of two workspaces match. */
export async function ambiguousToken(world: TestWorld): Promise<string> {
  const { subject } = await newRule(await tenantWith(world));
  await newRule(await tenantWith(world), subject);
  return issuer.sign({ sub: subject });
}

/** Returns a key of a workspace that forbids keys. */
export async function forbiddenKey(world: TestWorld): Promise<string> {
  const tenant = await tenantWith(world);
  const { key } = await newKey(tenant);
  const { workspaceId, owner: actor } = tenant;
  await setApiKeysAllowed({ workspaceId, actor, origin: TEST_ORIGIN }, false);
  return key;
}
