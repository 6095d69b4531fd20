import type { Outcome } from '@/components/github/outcome-banner';
import { firstValue } from './search-params';

/**
 * What an action left to say (`?notice=`). Only the codes of the page's table say anything, so nobody can put words on
 * a page by a link.
 */
export function shownNotice(
  table: Readonly<Record<string, Outcome>>,
  code: string | string[] | undefined,
): Outcome | null {
  const name = firstValue(code);
  return name !== undefined && Object.hasOwn(table, name) ? (table[name] ?? null) : null;
}
