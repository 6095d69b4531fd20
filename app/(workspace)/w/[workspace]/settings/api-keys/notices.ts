import { FAILURES } from '@/app/notices';
import { UNDO_NOTICES, type UndoableNotice } from '../../undo';
import { SELECTION_NOTICES } from '../several';

/** Notices about the outcome of actions on the API key pages. */
export const KEY_NOTICES = {
  ...FAILURES,
  ...SELECTION_NOTICES,
  ...UNDO_NOTICES,
  revoked: {
    title: 'The key is revoked',
    cause: 'Its next request is refused.',
    nextStep: 'A token that was issued with it before can work until it expires, at most one hour from now.',
    tone: 'success',
  },
  updated: {
    title: 'The key is changed',
    cause: 'The change applies from its next request on.',
    nextStep: 'A token that was issued before can work until it expires, at most one hour from now.',
    tone: 'success',
  },
  keys_forbidden: {
    title: 'API keys are forbidden',
    cause: 'The next request with a key is refused.',
    nextStep: 'A token that was issued before can work until it expires, at most one hour from now.',
    tone: 'success',
    undoes: 'workspace.api_keys_forbidden',
  },
  keys_allowed: {
    title: 'API keys are allowed again',
    cause: 'The keys below work again.',
    nextStep: '',
    tone: 'success',
    undoes: 'workspace.api_keys_allowed',
  },
  several_revoked: {
    title: 'Revoked',
    cause: 'The next request that needs one of them is refused.',
    nextStep: 'A token that was issued before can work until it expires, at most one hour from now.',
    tone: 'success',
  },
  gone: {
    title: 'This key no longer exists',
    cause: 'What you see below is up to date.',
    nextStep: '',
    tone: 'info',
  },
} as const satisfies Record<string, UndoableNotice>;

export const KEY_PAGE = { path: '/settings/api-keys', notices: KEY_NOTICES };

/** Returns the path of the form that moves a key to a trust rule. */
export const moveHref = (slug: string, id: string): string =>
  `/w/${slug}/settings/trust-rules/new?from=${id}`;

export type KeyNotice = keyof typeof KEY_NOTICES;
