/** Names under which other systems keep the fields of GitHub's entries. */

/** Elastic's common schema has these fields of an entry under names of its own. */
const ECS_NAMES: Readonly<Record<string, string>> = {
  'user.name': 'actor',
  'event.action': 'action',
  'event.id': '_document_id',
  'event.original': '_raw',
};

/** Log Analytics puts the type of a column behind its name: string, double, GUID, boolean, time. */
const TYPED = /_[sdgbt]$/;

/**
 * Returns GitHub's own name for a column: `github.hashed_token` of Elastic and `hashed_token_s` of Log Analytics are
 * `hashed_token`.
 */
export function plainName(name: string): string {
  return (
    (Object.hasOwn(ECS_NAMES, name) && ECS_NAMES[name]) || name.replace(/^github\./, '').replace(TYPED, '')
  );
}

type Fields = Record<string, unknown>;

const isRecord = (value: unknown): value is Fields =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

/** Renames the fields of one record, and none of what it wraps. */
export function plainNames(value: Fields): Fields {
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [plainName(name), field]));
}

/**
 * A document of Elastic's GitHub integration. Its `event` has an `action`, but is no entry: the token's hash is beside
 * it, under `github`, and the entry as GitHub wrote it in `event.original`, where that is kept.
 *
 * @returns the entry or its text; `undefined` for anything else
 */
export function ecsEntry(value: Fields): unknown {
  const { event, github, user } = value;
  if (!isRecord(event) || !isRecord(github)) return undefined;
  if (typeof event.original === 'string') return event.original;
  return {
    '@timestamp': value['@timestamp'],
    _document_id: event.id,
    action: event.action,
    ...(isRecord(user) && { actor: user.name }),
    ...github,
  };
}
