import { FAILURES } from '@/app/notices';
import { MOST_WAITING } from '@/lib/workspace/invitations';
import { UNDO_NOTICES, type UndoableNotice } from '../../undo';
import { SELECTION_NOTICES } from '../several';

/** Notices about the outcome of actions on the members page. */
export const MEMBER_NOTICES = {
  ...FAILURES,
  ...SELECTION_NOTICES,
  ...UNDO_NOTICES,
  invited: {
    title: 'Invitation created',
    cause: 'We don’t send email yet.',
    nextStep: 'Share the link below.',
    tone: 'success',
  },
  invited_again: {
    title: 'Invitation replaced',
    cause: 'This address was invited before. The earlier link no longer works.',
    nextStep: 'Share the new link below.',
    tone: 'success',
  },
  renewed: {
    title: 'New link created',
    cause: 'The earlier link no longer works.',
    nextStep: 'Share the new link below.',
    tone: 'success',
  },
  bad_email: {
    title: 'Enter a valid email address',
    cause: 'No one was invited.',
    nextStep: '',
    tone: 'warning',
  },
  already_member: {
    title: 'Already a member',
    cause: 'This address belongs to a member of this workspace.',
    nextStep: 'Change their role in the list below.',
    tone: 'info',
  },
  too_many: {
    title: 'Too many pending invitations',
    cause: `A workspace can have ${MOST_WAITING} pending invitations.`,
    nextStep: 'Revoke some of them below, then invite again.',
    tone: 'warning',
  },
  role_changed: {
    title: 'Role changed',
    cause: 'It applies to their next request.',
    nextStep: '',
    tone: 'success',
    undoes: 'member.role_changed',
  },
  removed: {
    title: 'Member removed',
    cause: 'Their next request is refused. API keys they created keep working.',
    nextStep: 'If they have seen a key, rotate it.',
    tone: 'success',
  },
  invitation_revoked: {
    title: 'Invitation revoked',
    cause: 'Its link no longer works.',
    nextStep: '',
    tone: 'success',
    undoes: 'member.invitation_revoked',
  },
  several_revoked: {
    title: 'Invitations revoked',
    cause: 'Their links no longer work.',
    nextStep: '',
    tone: 'success',
  },
  last_owner: {
    title: 'Nothing was changed',
    cause: 'A workspace needs at least one owner.',
    nextStep: 'Add another owner first.',
    tone: 'warning',
  },
  owners_only: {
    title: 'Nothing was changed',
    cause: 'Only an owner can add, change or remove an owner.',
    nextStep: 'Ask an owner of this workspace.',
    tone: 'warning',
  },
  gone: {
    title: 'Nothing was changed',
    cause: 'The member or invitation no longer exists.',
    nextStep: 'The list below is up to date.',
    tone: 'info',
  },
} as const satisfies Record<string, UndoableNotice>;

export const MEMBER_PAGE = { path: '/settings/members', notices: MEMBER_NOTICES };
