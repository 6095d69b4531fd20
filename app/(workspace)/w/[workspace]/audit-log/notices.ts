import { FAILURES } from '@/app/notices';
import type { Notice } from '@/lib/contract/notice';
import { UNDO_NOTICES } from '../undo';

/** Notices about the outcome of actions on the audit log. */
export const AUDIT_NOTICES = {
  ...FAILURES,
  ...UNDO_NOTICES,
  view_saved: { title: 'View saved', cause: '', nextStep: '', tone: 'success' },
  view_exists: {
    title: 'The view was not saved',
    cause: 'You have a view of this name with another search.',
    nextStep: 'Replace it, or save this search under another name.',
    tone: 'warning',
  },
  view_deleted: { title: 'View deleted', cause: '', nextStep: '', tone: 'success' },
  view_unnamed: {
    title: 'The view was not saved',
    cause: 'A view needs a name of at most 60 characters.',
    nextStep: 'Name it and save again.',
    tone: 'warning',
  },
  too_many_views: {
    title: 'The view was not saved',
    cause: 'You have 50 views here, which is the limit.',
    nextStep: 'Delete one and save again.',
    tone: 'warning',
  },
} as const satisfies Record<string, Notice>;

export const AUDIT_PAGE = { path: '/audit-log', notices: AUDIT_NOTICES };
