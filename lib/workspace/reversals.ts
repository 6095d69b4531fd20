import type { RequestOrigin, UserActor } from '../actor';
import type { AuditDetails, AuditEventType } from '../contract/audit-types';
import { hasRole, type Role } from '../contract/members';
import type { Transaction } from '../db/client';
import { setAllowed } from './api-keys-allowed';
import { hasAuthorityOver } from './authority';
import { invite } from './invitations';
import { changeRole } from './members';
import { rename } from './rename-workspace';

/** The types of audit events that can be undone. All others are final, and most of them are confirmed beforehand. */
export type ReversibleType =
  | 'member.role_changed'
  | 'member.invitation_revoked'
  | 'workspace.renamed'
  | 'workspace.api_keys_forbidden'
  | 'workspace.api_keys_allowed';

/** Names the new invitation, if the reverse action created one. Its link has to be shared. */
export type Restored = { invitation?: string };

/** How to reverse an event of this type. */
type Reversal<T extends ReversibleType> = {
  /** Types of later events after which the event is no longer the state of its subject. */
  supersededBy: readonly AuditEventType[];
  /** The detail that names the subject; `null` if it is the workspace. */
  subject: (keyof AuditDetails<T> & string) | null;
  /** Whether a reader with this role may reverse it. The action itself requires that again. */
  isAllowed: (role: Role, details: AuditDetails<T>) => boolean;
  /** Does the reverse action in the caller's transaction. @throws {Problem} as that action does */
  reverse: (
    tx: Transaction,
    by: { workspaceId: string; actor: UserActor; origin: RequestOrigin },
    details: AuditDetails<T>,
  ) => Promise<Restored>;
};

const KEYS_ALLOWED = ['workspace.api_keys_allowed', 'workspace.api_keys_forbidden'] as const;

const nothingNew = (): Restored => ({});

export const REVERSALS: { [T in ReversibleType]: Reversal<T> } = {
  'member.role_changed': {
    supersededBy: ['member.role_changed', 'member.removed', 'member.added'],
    subject: 'user_id',
    isAllowed: (role, { from, to }) => hasAuthorityOver(role, [from, to]),
    reverse: (tx, by, { user_id, from }) => changeRole(tx, by, user_id, from).then(nothingNew),
  },
  'member.invitation_revoked': {
    supersededBy: ['member.invited', 'member.invitation_revoked', 'member.added'],
    subject: 'email',
    isAllowed: (role, invitation) => hasAuthorityOver(role, [invitation.role]),
    // A new invitation with a new link. The old link has ended for good.
    reverse: async (tx, by, { email, role }) => ({ invitation: (await invite(tx, by, email, role)).id }),
  },
  'workspace.renamed': {
    supersededBy: ['workspace.renamed'],
    subject: null,
    isAllowed: (role) => role === 'owner',
    reverse: (tx, by, { from }) => rename(tx, by, from).then(nothingNew),
  },
  'workspace.api_keys_forbidden': {
    supersededBy: KEYS_ALLOWED,
    subject: null,
    isAllowed: (role) => hasRole(role, 'admin'),
    reverse: (tx, by) => setAllowed(tx, by, true).then(nothingNew),
  },
  'workspace.api_keys_allowed': {
    supersededBy: KEYS_ALLOWED,
    subject: null,
    isAllowed: (role) => hasRole(role, 'admin'),
    reverse: (tx, by) => setAllowed(tx, by, false).then(nothingNew),
  },
};
