import type { Notice } from '@/lib/contract/notice';
import type { FailureCode } from '@/lib/http/failure';
import { firstValue, type Query } from './request';

/** Notices about failures that can happen in any action. Every page's table of notices includes them. */
export const FAILURES = {
  limited: {
    title: 'Too many requests',
    cause: 'That was asked for too often in a short time. Nothing was done.',
    nextStep: 'Try again in a minute.',
    tone: 'warning',
  },
  not_now: {
    title: 'That did not work just now',
    cause: 'Something that we depend on did not answer, so we cannot tell whether it took effect.',
    nextStep: 'Look here before you repeat it, then try again in a few seconds.',
    tone: 'danger',
  },
  not_allowed: {
    title: 'Nothing was changed',
    cause: 'Your role does not allow this any more.',
    nextStep: 'Ask an admin or the owner of the workspace.',
    tone: 'warning',
  },
  gone: {
    title: 'Nothing was changed',
    cause: 'It is not here any more.',
    nextStep: 'What you see below is up to date.',
    tone: 'info',
  },
  not_valid: {
    title: 'Nothing was changed',
    cause: 'What was sent cannot be done.',
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
