import type { AuditEvent } from '@/lib/contract/audit-event';

type Details = AuditEvent['details'];

/** Returns the names of repositories. If only a repository's id is known, its name is `#123`. */
export function nameList(repositories: readonly (string | number | { full_name: string })[]): string[] {
  return repositories.map((repository) => {
    if (typeof repository === 'object') return repository.full_name;
    return typeof repository === 'number' ? `#${repository}` : repository;
  });
}

const SHOWN_NAMES = 3;

/**
 * Returns text such as `acme/api, acme/web and 4 more`. `count` is the length of the whole list, of which `names` may
 * hold only the first few.
 */
export function listInWords(names: readonly string[], count = names.length): string {
  const shown = names.slice(0, SHOWN_NAMES);
  const rest = count - shown.length;
  return `${shown.join(', ')}${rest > 0 ? ` and ${rest.toLocaleString('en')} more` : ''}`;
}

/**
 * The details to show first, because users look for them first. The database doesn't keep the original order, so we
 * sort.
 */
const FIRST = ['repositories', 'permissions', 'expires_at', 'reason', 'hashed_token'];

export function inReadingOrder(details: Details): [string, Details[string]][] {
  const place = (name: string) => (FIRST.includes(name) ? FIRST.indexOf(name) : FIRST.length);
  // Somebody who tampers with a row may store details that are no object, even null.
  return Object.entries<Details[string]>(Object(details)).sort(([one], [other]) => place(one) - place(other));
}

export function isTime(name: string, value: Details[string]): value is string {
  return name.endsWith('_at') && typeof value === 'string';
}

/** Returns text such as `contents: read, metadata: read` or `acme/api (12), acme/web (13)`. Deeper values stay JSON. */
export function detailInWords(value: Details[string] | undefined): string {
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.map(itemInWords).join(', ');
  return itemInWords(value ?? null);
}

function itemInWords(value: Details[string]): string {
  if (value === null || typeof value !== 'object') return String(value);
  const fields = Object.entries(value);
  if (fields.some(([, inner]) => typeof inner === 'object')) return JSON.stringify(value);
  const { full_name, id } = value as { full_name?: unknown; id?: unknown };
  if (fields.length === 2 && typeof full_name === 'string' && typeof id === 'number')
    return `${full_name} (${id})`;
  return fields.map(([name, inner]) => `${name}: ${inner}`).join(', ');
}
