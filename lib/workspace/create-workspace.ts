import type { Actor } from '../actor';
import type { RequestOrigin } from '../audit/event';
import { recordAuditEvent } from '../audit/record';
import { inTransaction, type Transaction } from '../db/client';
import { Problem } from '../problem';

/** Slugs that could be taken for a page, a route or for us. */
const RESERVED_SLUGS = new Set([
  'admin',
  'api',
  'auth',
  'docs',
  'github',
  'health',
  'internal',
  'invitations',
  'new',
  'pulsestream',
  'settings',
  'sign-in',
  'sign-out',
  'static',
  'support',
  'system',
  'trust',
  'undefined',
  'null',
  'w',
]);

function slugRefused(message: string): Problem {
  return new Problem('invalid_request', 'This slug cannot be used.', { errors: [{ path: 'slug', message }] });
}

type Wanted = { slug: string; name: string };
type Creator = { actor: Actor; origin: RequestOrigin };

/**
 * A workspace and its first owner.
 *
 * @param wanted as `CreateWorkspace` of `lib/contract/members.ts` gives it
 * @throws {Problem} `invalid_request` when the slug is reserved or taken
 */
export function createWorkspace(wanted: Wanted, ownerId: string, by: Creator) {
  return inTransaction((tx) => createWorkspaceIn(tx, wanted, ownerId, by));
}

/** {@link createWorkspace} within a transaction that does more. */
export async function createWorkspaceIn(
  tx: Transaction,
  { slug, name }: Wanted,
  ownerId: string,
  by: Creator,
): Promise<{ id: string; slug: string; name: string }> {
  if (RESERVED_SLUGS.has(slug)) throw slugRefused('is reserved');
  // The database decides who was first: no row comes back when the slug is taken.
  const [workspace] = await tx.workspace.createManyAndReturn({
    data: [{ slug, name }],
    skipDuplicates: true,
    select: { id: true, slug: true, name: true },
  });
  if (workspace === undefined) throw slugRefused('is taken');
  const { user } = await tx.membership.create({
    data: { workspaceId: workspace.id, userId: ownerId, role: 'owner' },
    select: { user: { select: { email: true } } },
  });
  await recordAuditEvent(tx, {
    ...by,
    workspaceId: workspace.id,
    type: 'workspace.created',
    details: { slug, name, owner: { user_id: ownerId, email: user.email } },
  });
  return workspace;
}
