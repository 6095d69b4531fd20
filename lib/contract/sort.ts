/** Describes how lists may be sorted, and reads the order that a page's URL names. */

export type Order = 'asc' | 'desc';

/** A column of a list, and the order of its rows. */
export type Sorted<Name extends string = string> = { sort: Name; order: Order };

/** The columns that a list may be sorted by, and its order without a choice. */
export type Sorts<Name extends string = string> = {
  initial: Sorted<NoInfer<Name>>;
  /** `first` is the order that the first click on the column selects. `asc` and `desc` name the orders. */
  columns: Readonly<Record<Name, { label: string; first: Order; asc: string; desc: string }>>;
};

/** The columns of API keys and of trust rules. */
export const CREDENTIAL_SORTS = {
  initial: { sort: 'created', order: 'desc' },
  columns: {
    name: { label: 'Name', first: 'asc', asc: 'A to Z', desc: 'Z to A' },
    created: { label: 'Created', first: 'desc', asc: 'oldest first', desc: 'newest first' },
    last_used: {
      label: 'Last used',
      first: 'desc',
      asc: 'never or longest ago first',
      desc: 'most recent first',
    },
    expires: { label: 'Expires', first: 'asc', asc: 'soonest first', desc: 'latest or never first' },
  },
} as const satisfies Sorts;
export type CredentialSort = keyof typeof CREDENTIAL_SORTS.columns;

/** A list of 10,000 repositories is read by an index, which holds their names only. */
export const REPOSITORY_SORTS = {
  initial: { sort: 'name', order: 'asc' },
  columns: { name: { label: 'Repository', first: 'asc', asc: 'A to Z', desc: 'Z to A' } },
} as const satisfies Sorts;
export type RepositorySort = keyof typeof REPOSITORY_SORTS.columns;

/** Members with the same role are sorted by email. */
export const MEMBER_SORTS = {
  initial: { sort: 'role', order: 'asc' },
  columns: {
    name: { label: 'Member', first: 'asc', asc: 'A to Z', desc: 'Z to A' },
    role: { label: 'Role', first: 'asc', asc: 'owners first', desc: 'members first' },
    joined: { label: 'Joined', first: 'desc', asc: 'longest ago first', desc: 'most recent first' },
  },
} as const satisfies Sorts;
export type MemberSort = keyof typeof MEMBER_SORTS.columns;

const isOrder = (text: string | undefined): text is Order => text === 'asc' || text === 'desc';

/** Returns the order that a URL names. An unknown column means the initial order, an unknown order the column's first. */
export function readSorted<Name extends string>(
  { initial, columns }: Sorts<Name>,
  named: { sort: string | undefined; order: string | undefined },
): Sorted<Name> {
  const names = Object.keys(columns) as Name[];
  const sort = names.find((name) => name === named.sort);
  if (sort === undefined) return initial;
  return { sort, order: isOrder(named.order) ? named.order : columns[sort].first };
}

/** Returns the order that a click on a column's heading selects: the other one if the list is sorted by the column. */
export function nextSorted<Name extends string>(
  { columns }: Sorts<Name>,
  now: Sorted<Name>,
  sort: Name,
): Sorted<Name> {
  const { first } = columns[sort];
  return { sort, order: now.sort === sort ? (now.order === 'asc' ? 'desc' : 'asc') : first };
}

/** Returns the query parameters that {@link readSorted} reads. The initial order needs none. */
export function sortedQuery(
  { initial }: Sorts,
  { sort, order }: Sorted,
): { sort: string | null; order: string | null } {
  return sort === initial.sort && order === initial.order ? { sort: null, order: null } : { sort, order };
}
