import { describe, expect, it } from 'vitest';
import {
  CREDENTIAL_SORTS,
  MEMBER_SORTS,
  nextSorted,
  REPOSITORY_SORTS,
  readSorted,
  type Sorted,
  type Sorts,
  sortedQuery,
} from './sort';

const TABLES: [string, Sorts][] = [
  ['keys and rules', CREDENTIAL_SORTS],
  ['repositories', REPOSITORY_SORTS],
  ['members', MEMBER_SORTS],
];

describe.each(TABLES)('the orders of %s', (_, sorts) => {
  const all: Sorted[] = Object.keys(sorts.columns).flatMap((sort) => [
    { sort, order: 'asc' },
    { sort, order: 'desc' },
  ]);

  it('are each read from the query parameters that name them', () => {
    expect(all).toContainEqual(sorts.initial);
    for (const sorted of all) {
      const { sort, order } = sortedQuery(sorts, sorted);
      expect(readSorted(sorts, { sort: sort ?? undefined, order: order ?? undefined })).toEqual(sorted);
    }
  });

  it('fall back to the initial one for a column that is not listed', () => {
    for (const sort of [undefined, '', 'hash', 'NAME', '__proto__', 'constructor', 'name; DROP TABLE users'])
      expect(readSorted(sorts, { sort, order: 'desc' })).toEqual(sorts.initial);
  });

  it('fall back to the first one of the column for an order that is not listed', () => {
    for (const [sort, { first }] of Object.entries(sorts.columns))
      for (const order of [undefined, '', 'ASC', 'toString', "asc'--"])
        expect(readSorted(sorts, { sort, order })).toEqual({ sort, order: first });
  });

  it('are turned round by a click on the sorted column, and begin with the first one of another', () => {
    for (const now of all)
      for (const [sort, { first }] of Object.entries(sorts.columns)) {
        const turned = now.order === 'asc' ? 'desc' : 'asc';
        expect(nextSorted(sorts, now, sort)).toEqual({ sort, order: sort === now.sort ? turned : first });
      }
  });
});
