import type { VerifiedEmail } from '../auth/session';
import type { Role } from '../contract/members';
import { getDb } from '../db/client';

export type FirstRun = {
  workspaces: { slug: string; name: string; role: Role }[];
  /** Open invitations to the user's email, soonest to expire first. */
  invitations: { id: string; workspace: { slug: string; name: string }; role: Role; expiresAt: Date }[];
};

/**
 * Lists the places where a signed-in user can go: `/`, the workspace switch and the first-run page show them.
 *
 * @param verifiedEmail from the session: only invitations to it are shown. An older session without it sees
 *   invitations to the stored address, and has to sign in again to accept one
 */
export async function readFirstRun(userId: string, verifiedEmail: VerifiedEmail): Promise<FirstRun> {
  const db = getDb();
  const workspaceName = { select: { slug: true, name: true } } as const;
  const user = await db.user.findUnique({
    where: { id: userId },
    select: {
      email: true,
      memberships: {
        select: { role: true, workspace: workspaceName },
        orderBy: { workspace: { name: 'asc' } },
      },
    },
  });
  if (user === null) return { workspaces: [], invitations: [] };
  const email = verifiedEmail === undefined ? user.email : verifiedEmail;
  const invitations = await db.invitation.findMany({
    where: {
      email: email ?? { in: [] },
      acceptedAt: null,
      expiresAt: { gt: new Date() },
      workspace: { memberships: { none: { userId } } },
    },
    select: { id: true, role: true, expiresAt: true, workspace: workspaceName },
    orderBy: { expiresAt: 'asc' },
  });
  return { workspaces: user.memberships.map(({ role, workspace }) => ({ ...workspace, role })), invitations };
}
