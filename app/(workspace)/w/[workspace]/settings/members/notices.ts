import { FAILURES } from '@/app/notices';
import type { Notice } from '@/lib/contract/notice';

/** Notices about the outcome of actions on the members page. */
export const MEMBER_NOTICES = {
  ...FAILURES,
  invited: {
    title: 'The invitation is waiting',
    cause: 'Whoever signs in with that address is shown it. We send no e-mail.',
    nextStep: 'Tell them to sign in.',
    tone: 'success',
  },
  bad_email: {
    title: 'Nobody was invited',
    cause: 'What was typed is not an e-mail address.',
    nextStep: 'Check it and invite again.',
    tone: 'warning',
  },
  already_member: {
    title: 'Nobody was invited',
    cause: 'Somebody with this address is a member already.',
    nextStep: 'Change their role in the list below.',
    tone: 'info',
  },
  too_many: {
    title: 'Nobody was invited',
    cause: 'At most 200 invitations wait at a time.',
    nextStep: 'Take some of them back, below, and invite again.',
    tone: 'warning',
  },
  role_changed: {
    title: 'The role is changed',
    cause: 'It holds from their next request on.',
    nextStep: '',
    tone: 'success',
  },
  removed: {
    title: 'Member removed',
    cause: 'Their next request is refused. API keys that they made still work.',
    nextStep: 'If they have seen a key, rotate it.',
    tone: 'success',
  },
  taken_back: { title: 'The invitation is taken back', cause: '', nextStep: '', tone: 'success' },
  last_owner: {
    title: 'Nothing was changed',
    cause: 'This is the last owner, and a workspace needs one.',
    nextStep: 'Make somebody else an owner first.',
    tone: 'warning',
  },
  owners_only: {
    title: 'Nothing was changed',
    cause: 'Only an owner can make, change or remove an owner.',
    nextStep: 'Ask an owner of this workspace.',
    tone: 'warning',
  },
  gone: {
    title: 'Nothing was changed',
    cause: 'They are not here any more.',
    nextStep: 'What you see below is up to date.',
    tone: 'info',
  },
} as const satisfies Record<string, Notice>;

export const MEMBER_PAGE = { path: '/settings/members', notices: MEMBER_NOTICES };
