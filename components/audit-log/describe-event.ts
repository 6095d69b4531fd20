import type { AuditEvent } from '@/lib/contract/audit-event';
import {
  AUDIT_EVENTS,
  type AuditEventType,
  isAuditEventType,
  type ReadDetails,
  readDetails,
  readFact,
} from '@/lib/contract/audit-types';
import type { Tone } from '../ui/badge';
import { listInWords, nameList } from './details';

/** Account names by installation id, for this workspace's installations. */
export type AccountNames = ReadonlyMap<number, string>;

/**
 * An event in words. `about` adds what type, account and repositories do not say. `about` is untrusted text, since
 * outsiders choose some of the names in it.
 */
export type EventInWords = { label: string; about: string; tone: Tone };

type Words<T extends AuditEventType> = {
  about?: (details: ReadDetails<T>) => string | undefined;
  tone?: Tone | ((details: ReadDetails<T>) => Tone);
};

const email = (details: { email?: string }) => details.email;
const keyName = (details: { name?: string; display_prefix?: string }) =>
  details.name ?? details.display_prefix;
const change = ({ from, to }: { from?: string; to?: string }) => joined(' → ', from, to);

/** Turns `repository_not_accessible` into `repository not accessible`. */
const reason = (details: { reason?: string }) => details.reason?.replaceAll('_', ' ');

/**
 * Returns whether the token can read code. A token minted by a sync cannot, and the log must not suggest that it can.
 */
const readsCode = ({ permissions = {} }: ReadDetails<'github.token_minted'>) => 'contents' in permissions;

function joined(separator: string, ...parts: (string | undefined)[]): string {
  return parts.filter(Boolean).join(separator);
}

/**
 * One row for each event type; the compiler rejects a type without a row. The labels are in the contract
 * (`AUDIT_EVENTS`).
 */
const WORDS: { [T in AuditEventType]: Words<T> } = {
  'workspace.created': { about: ({ name, slug }) => name ?? slug },
  'member.added': { about: email },
  'member.invited': { about: email },
  'member.invitation_revoked': { about: email, tone: 'warning' },
  'member.role_changed': { about: (details) => joined(' to ', details.email, details.to) },
  'member.removed': { about: email, tone: 'warning' },
  'api_key.created': { about: keyName },
  'api_key.rotated': { about: keyName },
  'api_key.revoked': { about: keyName, tone: 'warning' },
  'github.connect_started': {},
  'github.approval_requested': { tone: 'info' },
  'github.approval_dismissed': {},
  'github.bind_refused': { about: reason, tone: 'danger' },
  'github.installation_bound': { tone: 'success' },
  'github.installation_suspended': { tone: 'warning' },
  'github.installation_unsuspended': { tone: 'success' },
  'github.installation_renamed': { about: change },
  'github.installation_deleted': { tone: 'warning' },
  'github.repository_selection_changed': { about: change },
  'github.repositories_added': {},
  'github.repositories_removed': {},
  'github.repositories_changed': {},
  'github.token_minted': {
    about: (details) => (readsCode(details) ? '' : 'metadata only'),
    tone: (details) => (readsCode(details) ? 'info' : 'neutral'),
  },
  'github.token_denied': { about: reason, tone: 'danger' },
  'github.token_revoked': { tone: 'warning' },
  'audit.exported': { about: ({ format }) => format?.toUpperCase() },
};

/** Returns a type's label. An unknown type is its own label. */
export function eventLabel(type: string): string {
  return isAuditEventType(type) ? AUDIT_EVENTS[type].label : type;
}

export function describeEvent({ type, details }: AuditEvent): EventInWords {
  const words = isAuditEventType(type) ? inWords(type, details) : { about: '', tone: 'neutral' as const };
  return { label: eventLabel(type), ...words };
}

function inWords<T extends AuditEventType>(
  type: T,
  stored: AuditEvent['details'],
): Omit<EventInWords, 'label'> {
  const { about, tone = 'neutral' }: Words<T> = WORDS[type];
  const details = readDetails(type, stored);
  return { about: about?.(details) ?? '', tone: typeof tone === 'function' ? tone(details) : tone };
}

/**
 * Returns the login of the account that the event is about, or else its installation's id. `null` if the event names
 * neither.
 */
export function accountOf(event: AuditEvent, accounts: AccountNames): string | null {
  const details = readFact(event)?.details ?? {};
  if ('account' in details && details.account) return details.account;
  const id = event.installation_id ?? ('installation_id' in details ? details.installation_id : null);
  return id ? (accounts.get(id) ?? `installation ${id}`) : null;
}

/**
 * Returns the event's repositories as text for a table cell, and every known name. `null` if the event is not about
 * repositories.
 */
export function repositoriesOf(event: AuditEvent): { text: string; names: string[] } | null {
  const details = readFact(event)?.details ?? {};
  if (!('repositories' in details) || details.repositories === undefined) return null;
  const { repositories } = details;
  if (repositories === 'all') {
    // Older mint events have no count, because the repository list was not yet versioned.
    const shared = 'repository_count' in details ? details.repository_count : undefined;
    return {
      text: shared === undefined ? 'All shared' : `All shared (${shared.toLocaleString('en')})`,
      names: [],
    };
  }
  const names = nameList(repositories);
  const count = Math.max(names.length, ('count' in details && details.count) || 0);
  return { text: count === 0 ? 'None' : listInWords(names, count), names };
}
