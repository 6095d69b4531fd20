import { FAILURES } from '@/app/notices';
import type { Notice } from '@/lib/contract/notice';

/** Notices about the outcome of actions on the page of auditor links. */
export const LINK_NOTICES = {
  ...FAILURES,
  revoked: {
    title: 'The link is revoked',
    cause: 'It opens nothing from now on. Packs that were downloaded still verify.',
    nextStep: '',
    tone: 'success',
  },
} as const satisfies Record<string, Notice>;

export const LINK_PAGE = { path: '/settings/evidence-links', notices: LINK_NOTICES };
