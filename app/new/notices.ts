import { FAILURES } from '@/app/notices';
import type { Notice } from '@/lib/contract/notice';

/** Notices about why joining a workspace failed. */
export const NEW_NOTICES = {
  ...FAILURES,
  gone: {
    title: 'This invitation can’t be used',
    cause: 'It has expired or was revoked.',
    nextStep: 'Ask for a new one.',
    tone: 'warning',
  },
  verify: {
    title: 'Sign in again to join',
    cause: 'An invitation is for the person who holds its email now.',
    nextStep: 'Sign out, then sign in with that email.',
    tone: 'warning',
    signsOut: true,
  },
} as const satisfies Record<string, Notice & { signsOut?: true }>;

export const NEW_PAGE = { path: '/new', notices: NEW_NOTICES };
