import type { Outcome } from '@/components/github/outcome-banner';
import { firstValue } from './search-params';

type Query = Record<string, string | string[] | undefined>;

const LIMITED: readonly (string | undefined)[] = ['limited', 'sync_limited'];

/**
 * What an action left to say (`?notice=`). Only the codes of the page's table say anything, so nobody can put words on
 * a page by a link. A limit also says when to retry (`?retry_after=`, in seconds).
 */
export function shownNotice<T extends Outcome>(
  table: Readonly<Record<string, T>>,
  { notice, retry_after }: Query,
): T | null {
  const name = firstValue(notice);
  const outcome = name !== undefined && Object.hasOwn(table, name) ? table[name] : undefined;
  if (outcome === undefined) return null;
  const seconds = firstValue(retry_after) ?? '';
  if (!LIMITED.includes(name) || !/^\d{1,4}$/.test(seconds)) return outcome;
  return { ...outcome, nextStep: `Try again in ${seconds} s.` };
}
