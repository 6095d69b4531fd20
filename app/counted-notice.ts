import { counted } from '@/lib/contract/counted';
import type { Notice } from '@/lib/contract/notice';
import type { Revoked } from '@/lib/contract/selection';
import { firstValue, type Query } from './request';

/** The notice code for an action on several rows, in a page's table of notices. */
const SEVERAL = 'several_revoked';

/** The words for what a page's action revokes. */
type Words = { one: string; already: string };

/** Returns the query parameters that {@link countedNotice} reads. */
export const countedQuery = ({ revoked, already }: Revoked) => ({
  notice: SEVERAL,
  revoked: String(revoked),
  already: String(already),
});

const countOf = (value: Query[string]): number => {
  const text = firstValue(value) ?? '';
  return /^\d{1,3}$/.test(text) ? Number(text) : 0;
};

/**
 * Completes the notice about an action on several rows with the numbers in the URL. They can only be small numbers, so
 * a forged link can't put its own text on a page.
 */
export function countedNotice<T extends Notice>(notice: T | null, query: Query, words: Words): T | null {
  if (notice === null || firstValue(query.notice) !== SEVERAL) return notice;
  const revoked = countOf(query.revoked);
  const already = countOf(query.already);
  const before = already === 0 ? '' : `${already} ${already === 1 ? 'was' : 'were'} ${words.already}.`;
  if (revoked === 0)
    return {
      ...notice,
      title: 'Nothing was revoked',
      cause: before || `No ${words.one} was selected.`,
      nextStep: '',
      tone: 'info',
    };
  const title = `${counted(revoked, words.one)} revoked`;
  return { ...notice, title, cause: [before, notice.cause].filter(Boolean).join(' ') };
}
