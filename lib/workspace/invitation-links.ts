/** The link of an invitation: it leads the invited person to the page where they join. */
import type { VerifiedEmail } from '../auth/session';
import { getConfig } from '../config';
import { digestOf, linkToken } from '../connect/attempts';
import type { Role } from '../contract/members';
import { getDb } from '../db/client';

/**
 * Returns the links of a workspace's pending invitations, by the invitation's id. An invitation from before there were
 * links has none until it is renewed.
 */
export async function listInvitationLinks(workspaceId: string): Promise<ReadonlyMap<string, string>> {
  const rows = await getDb().invitation.findMany({
    where: { workspaceId, acceptedAt: null, expiresAt: { gt: new Date() }, linkDigest: { not: null } },
    select: { id: true, linkDigest: true },
  });
  return new Map(rows.map(({ id, linkDigest }) => [id, addressOf(linkToken('invitation', id, linkDigest))]));
}

const addressOf = (token: string) => `${getConfig().publicUrl}/invitation?${new URLSearchParams({ token })}`;

/** The invitation behind a link, as far as the signed-in user may know it. */
export type LinkedInvitation =
  | {
      status: 'open';
      id: string;
      workspace: { slug: string; name: string };
      role: Role;
      invitedBy: string | null;
      expiresAt: Date;
    }
  /** The invitation is for another address than this sign-in has verified. */
  | { status: 'other_address' }
  /** The user has joined by this link already. */
  | { status: 'joined'; slug: string }
  /** The link is unknown, or has expired, was replaced, revoked or used by somebody else. */
  | { status: 'ended' };

/**
 * Finds the invitation behind a link. A link opens nothing by itself: without the address, it reveals neither the
 * workspace nor who was invited.
 */
export async function findLinkedInvitation(
  token: string,
  userId: string,
  verifiedEmail: VerifiedEmail,
): Promise<LinkedInvitation> {
  const invitation = await getDb().invitation.findUnique({
    where: { linkDigest: digestOf(token) },
    include: { workspace: { select: { id: true, slug: true, name: true } } },
  });
  if (invitation === null) return { status: 'ended' };
  const { workspace, role, invitedBy, expiresAt } = invitation;
  if (invitation.acceptedAt !== null) {
    const key = { workspaceId_userId: { workspaceId: workspace.id, userId } };
    const membership = await getDb().membership.findUnique({ where: key });
    return membership === null ? { status: 'ended' } : { status: 'joined', slug: workspace.slug };
  }
  if (expiresAt.getTime() <= Date.now()) return { status: 'ended' };
  if (invitation.email !== verifiedEmail) return { status: 'other_address' };
  const inviter = invitedBy && (await getDb().user.findUnique({ where: { id: invitedBy } }));
  return {
    status: 'open',
    id: invitation.id,
    workspace,
    role,
    invitedBy: inviter ? inviter.email : null,
    expiresAt,
  };
}

/** Returns the id of the invitation behind a link, which `acceptInvitation` takes, or an empty text. */
export async function invitationOfLink(token: string): Promise<string> {
  const row = await getDb().invitation.findUnique({
    where: { linkDigest: digestOf(token) },
    select: { id: true },
  });
  return row?.id ?? '';
}
