import type { Actor, RequestOrigin } from '../actor';
import { recordAuditEvent } from '../audit/record';
import { inTransaction, type Transaction } from '../db/client';
import { Problem } from '../problem';

/** Slugs that are refused because they could be mistaken for a page, a route or PulseStream itself. */
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
 * Creates a workspace with its first owner.
 *
 * @param wanted the slug and name, as parsed by `CreateWorkspace` in `lib/contract/members.ts`
 * @throws {Problem} `invalid_request` if the slug is reserved or taken
 */
export function createWorkspace(wanted: Wanted, ownerId: string, by: Creator) {
  return inTransaction((tx) => createWorkspaceIn(tx, wanted, ownerId, by));
}

/** Does the same as {@link createWorkspace}, but in the caller's transaction. */
export async function createWorkspaceIn(
  tx: Transaction,
  { slug, name }: Wanted,
  ownerId: string,
  by: Creator,
): Promise<{ id: string; slug: string; name: string }> {
  if (RESERVED_SLUGS.has(slug)) throw slugRefused('is reserved');
  // If several concurrent requests use the same slug, only one of them inserts a row. The other requests get no row
  // back.
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
