import { FAILURES } from '@/app/notices';
import type { Notice } from '@/lib/contract/notice';

/** Notices about the outcome of actions on the API key pages. */
export const KEY_NOTICES = {
  ...FAILURES,
  revoked: {
    title: 'The key is revoked',
    cause: 'Its next request is refused.',
    nextStep: 'A token that was minted with it before can work until it expires, at most one hour from now.',
    tone: 'success',
  },
  unconfirmed: {
    title: 'Nothing was revoked',
    cause: 'The box was not ticked.',
    nextStep: 'Tick it and choose Revoke again.',
    tone: 'warning',
  },
  gone: {
    title: 'This key is not here any more',
    cause: 'What you see below is up to date.',
    nextStep: '',
    tone: 'info',
  },
} as const satisfies Record<string, Notice>;

export const KEY_PAGE = { path: '/settings/api-keys', notices: KEY_NOTICES };

export type KeyNotice = keyof typeof KEY_NOTICES;
