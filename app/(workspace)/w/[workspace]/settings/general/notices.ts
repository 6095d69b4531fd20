import { FAILURES } from '@/app/notices';
import { UNDO_NOTICES, type UndoableNotice } from '../../undo';

/** Notices about the outcome of actions on the page of a workspace's general settings. */
export const GENERAL_NOTICES = {
  ...FAILURES,
  ...UNDO_NOTICES,
  renamed: {
    title: 'Workspace renamed',
    cause: '',
    nextStep: '',
    tone: 'success',
    undoes: 'workspace.renamed',
  },
  bad_name: {
    title: 'Enter a name of at most 80 characters',
    cause: 'The name wasn’t changed.',
    nextStep: '',
    tone: 'warning',
  },
  transferred: {
    title: 'Ownership transferred',
    cause: 'You’re an admin of this workspace now.',
    nextStep: '',
    tone: 'success',
  },
  last_owner: {
    title: 'You can’t leave yet',
    cause: 'A workspace needs at least one owner.',
    nextStep: 'Transfer the ownership, or delete the workspace.',
    tone: 'warning',
  },
  confirmation: {
    title: 'The workspace wasn’t deleted',
    cause: 'The address you typed doesn’t match.',
    nextStep: 'Check it and try again.',
    tone: 'warning',
  },
} as const satisfies Record<string, UndoableNotice>;

export const GENERAL_PAGE = { path: '/settings/general', notices: GENERAL_NOTICES };
