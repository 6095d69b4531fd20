/** The columns that a reader may choose, in their order. Time and event are always there. */
export const COLUMNS = {
  actor: 'Actor',
  account: 'Account',
  repositories: 'Repositories',
  ip: 'IP address',
  user_agent: 'User agent',
  request_id: 'Request ID',
  seq: 'Number',
} as const;
export type Column = keyof typeof COLUMNS;

export const DEFAULT_COLUMNS: readonly Column[] = ['actor', 'account', 'repositories', 'ip'];

const isColumn = (name: string): name is Column => Object.hasOwn(COLUMNS, name);

/** Reads the columns of an address. Ignores unknown ones, and shows the usual ones if none is left. */
export function parseColumns(text: string | null | undefined): readonly Column[] {
  const chosen = (text ?? '').split(',').filter(isColumn);
  return chosen.length === 0
    ? DEFAULT_COLUMNS
    : (Object.keys(COLUMNS) as Column[]).filter((name) => chosen.includes(name));
}

/** True for the columns of a list whose reader chose none. An address leaves them out. */
export function isUsualColumns(text: string | null | undefined): boolean {
  return parseColumns(text).join() === DEFAULT_COLUMNS.join();
}
