import { FAILURES } from '@/app/notices';
import type { Notice } from '@/lib/contract/notice';

/** Notices about the outcome of actions on the account page. */
export const ACCOUNT_NOTICES = {
  ...FAILURES,
  session_ended: {
    title: 'Session ended',
    cause: 'Its next request is refused.',
    nextStep: '',
    tone: 'success',
  },
  zone_saved: { title: 'Time zone saved', cause: '', nextStep: '', tone: 'success' },
} as const satisfies Record<string, Notice>;

export const ACCOUNT_PAGE = { path: '/account', notices: ACCOUNT_NOTICES };
