import type { AuditEvent } from '@/lib/contract/audit-event';

type Details = AuditEvent['details'];

/** Returns a detail as text, if it is text or a number. */
export function textDetail(details: Details, name: string): string | undefined {
  const value = details[name];
  if (typeof value === 'string' && value !== '') return value;
  return typeof value === 'number' ? String(value) : undefined;
}

/** Returns the names in a list of strings, ids or objects with a `full_name`. */
export function nameList(details: Details, name: string): string[] {
  const value = details[name];
  if (!Array.isArray(value)) return [];
  return value.flatMap((item) => {
    if (typeof item === 'string') return [item];
    if (typeof item === 'number') return [`#${item}`];
    if (item !== null && typeof item === 'object' && !Array.isArray(item)) {
      const inner = item.full_name ?? item.name ?? item.id;
      return typeof inner === 'string' || typeof inner === 'number' ? [String(inner)] : [];
    }
    return [];
  });
}

const SHOWN_NAMES = 3;

/** Returns `acme/api, acme/web and 4 more`. A long list of `count` entries names only its first ones. */
export function listInWords(names: readonly string[], count = names.length): string {
  const shown = names.slice(0, SHOWN_NAMES);
  const rest = count - shown.length;
  return `${shown.join(', ')}${rest > 0 ? ` and ${rest.toLocaleString('en')} more` : ''}`;
}

/** Returns the first of these details that is a count, or the length of a list. */
export function countDetail(details: Details, ...names: string[]): number | undefined {
  for (const name of names) {
    const value = details[name];
    if (typeof value === 'number') return value;
    if (Array.isArray(value)) return value.length;
  }
  return undefined;
}

/** Details that readers look for first. The database keeps no meaningful order. */
const FIRST = ['repositories', 'permissions', 'expires_at', 'reason', 'code', 'hashed_token'];

export function inReadingOrder(details: Details): [string, Details[string]][] {
  const place = (name: string) => (FIRST.includes(name) ? FIRST.indexOf(name) : FIRST.length);
  return Object.entries(details).sort(([one], [other]) => place(one) - place(other));
}

export function isTime(name: string, value: Details[string]): value is string {
  return name.endsWith('_at') && typeof value === 'string';
}

/** Returns `contents: read, metadata: read` or `acme/api (12), acme/web (13)`. Deeper values stay JSON. */
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
