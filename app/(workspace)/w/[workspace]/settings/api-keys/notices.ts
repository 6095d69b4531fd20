import { FAILURES } from '@/app/failures';
import type { Outcome } from '@/components/github/outcome-banner';

/** How an action on these pages ended. The codes travel in the address. */
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
} as const satisfies Record<string, Outcome>;

export type KeyNotice = keyof typeof KEY_NOTICES;
