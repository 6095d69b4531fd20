import type { Notice } from '@/lib/contract/notice';
import type { FailureCode } from '@/lib/http/failure';
import { firstValue, type Query } from './request';

/** Notices about failures that can happen in any action. Every page's table of notices includes them. */
export const FAILURES = {
  limited: {
    title: 'Too many requests',
    cause: 'You’ve made too many requests in a short time. Nothing was changed.',
    nextStep: 'Try again in a minute.',
    tone: 'warning',
  },
  not_now: {
    title: 'That didn’t work',
    cause: 'A service we depend on didn’t respond, so your action may not have completed.',
    nextStep: 'Check below before trying again in a few seconds.',
    tone: 'danger',
  },
  not_allowed: {
    title: 'Nothing was changed',
    cause: 'Your role no longer allows this.',
    nextStep: 'Ask an admin or owner of the workspace.',
    tone: 'warning',
  },
  gone: {
    title: 'Nothing was changed',
    cause: 'It no longer exists.',
    nextStep: 'The page below is up to date.',
    tone: 'info',
  },
  not_valid: {
    title: 'Nothing was changed',
    cause: 'The request wasn’t valid.',
    nextStep: 'Check it and try again.',
    tone: 'warning',
  },
} as const satisfies Record<FailureCode, Notice>;

/** Format of `retry_after`: the number of seconds until the rate limit admits another request. */
const RETRY_AFTER = /^\d{1,4}$/;

/**
 * Returns the notice for the code that an action has put into the page's URL (`?notice=`). Codes that aren't in the
 * page's table are ignored, so a forged link can't put its own text on a page. If a rate limit was exceeded, the URL
 * also says when to retry (`?retry_after=`, in seconds).
 */
export function shownNotice<T extends Notice>(
  table: Readonly<Record<string, T>>,
  { notice, retry_after }: Query,
): T | null {
  const code = firstValue(notice);
  const shown = code !== undefined && Object.hasOwn(table, code) ? table[code] : undefined;
  if (shown === undefined) return null;
  const seconds = firstValue(retry_after) ?? '';
  if (code !== ('limited' satisfies FailureCode) || !RETRY_AFTER.test(seconds)) return shown;
  return { ...shown, nextStep: `Try again in ${seconds} s.` };
}
