import { FAILURES } from '@/app/notices';
import type { Notice } from '@/lib/contract/notice';
import { SELECTION_NOTICES } from '../several';

/** Notices about the outcome of actions on the trust rule pages. */
export const RULE_NOTICES = {
  ...FAILURES,
  ...SELECTION_NOTICES,
  created: {
    title: 'The trust rule is created',
    cause: 'Tokens that match it are accepted from now on.',
    nextStep: 'Use it as shown below, or test a token first.',
    tone: 'success',
  },
  moved: {
    title: 'The trust rule is created',
    cause: 'Tokens that match it are accepted from now on, and the API key keeps working.',
    nextStep: 'Let the service use the rule as shown below. Then revoke the key.',
    tone: 'success',
  },
  changed: {
    title: 'The trust rule is changed',
    cause: 'The next request is judged by it.',
    nextStep: '',
    tone: 'success',
  },
  revoked: {
    title: 'The trust rule is revoked',
    cause: 'The next request that needs it is refused.',
    nextStep: 'A token that was issued before can work until it expires, at most one hour from now.',
    tone: 'success',
  },
  several_revoked: {
    title: 'Revoked',
    cause: 'The next request that needs one of them is refused.',
    nextStep: 'A token that was issued before can work until it expires, at most one hour from now.',
    tone: 'success',
  },
  gone: {
    title: 'This trust rule no longer exists',
    cause: 'What you see below is up to date.',
    nextStep: '',
    tone: 'info',
  },
} as const satisfies Record<string, Notice>;

export const RULE_PAGE = { path: '/settings/trust-rules', notices: RULE_NOTICES };

export type RuleNotice = keyof typeof RULE_NOTICES;
