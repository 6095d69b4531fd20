import type { Sorting } from '@/components/ui/sort';
import { readSorted, type Sorts, sortedQuery } from '@/lib/contract/sort';
import { hrefWith } from '@/lib/http/href-with';
import { firstValue, type Query } from './request';

type PageSorting<Name extends string> = {
  sorting: Sorting<Name>;
  /** The query parameters of the list as it is shown, without its cursor. */
  shown: Record<string, string | null | undefined>;
};

/**
 * Reads the order of a page's list from the page's URL.
 *
 * @param kept the query parameters of the list's search and filters. Links to other orders keep them, but no cursor
 */
export function readSorting<Name extends string>(
  sorts: Sorts<Name>,
  query: Query,
  path: string,
  kept: Record<string, string | undefined> = {},
): PageSorting<Name> {
  const sorted = readSorted(sorts, { sort: firstValue(query.sort), order: firstValue(query.order) });
  return {
    sorting: {
      sorts,
      sorted,
      hrefOf: (other) => hrefWith(path, { ...kept, ...sortedQuery(sorts, other) }),
    },
    shown: { ...kept, ...sortedQuery(sorts, sorted) },
  };
}
