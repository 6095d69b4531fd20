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

/** The account name of each of this workspace's installations, by installation id. */
export type AccountNames = ReadonlyMap<number, string>;

/**
 * A human-readable event. `about` adds what the event's type, account and repositories don't already say. Outsiders
 * choose some of the names in `about`, so treat it as untrusted text.
 */
export type EventInWords = { label: string; about: string; tone: Tone };

type Words<T extends AuditEventType> = {
  about?: (details: ReadDetails<T>) => string | undefined;
  tone?: Tone | ((details: ReadDetails<T>) => Tone);
};

const email = (details: { email?: string }) => details.email;
const keyName = (details: { name?: string; display_prefix?: string }) =>
  details.name ?? details.display_prefix;
const ruleName = (details: { name?: string; subject?: string }) => details.name ?? details.subject;
const change = ({ from, to }: { from?: string; to?: string }) => joined(' → ', from, to);

/** Says what the operator stopped, and why. The audit log is one workspace's, so that scope needs no word. */
const stopped = ({ scope, name, reason }: ReadDetails<'minting.stopped'>) =>
  joined(': ', scope === 'everything' ? 'all workspaces' : name, reason);

const range = ({ first_seq, last_seq }: ReadDetails<'audit.archived'>) =>
  [first_seq, last_seq].map((seq) => seq?.toLocaleString('en'));

/** Turns `repository_not_accessible` into `repository not accessible`. */
const reason = (details: { reason?: string }) => details.reason?.replaceAll('_', ' ');

/**
 * True if the token can read code; false for tokens minted by syncs, which must not look in the log as if they could.
 */
const readsCode = ({ permissions = {} }: ReadDetails<'github.token_minted'>) => 'contents' in permissions;

function joined(separator: string, ...parts: (string | undefined)[]): string {
  return parts.filter(Boolean).join(separator);
}

/**
 * One row per event type; a type without a row doesn't compile. The labels are in the API contract (`AUDIT_EVENTS`).
 */
const WORDS: { [T in AuditEventType]: Words<T> } = {
  'workspace.created': { about: ({ name, slug }) => name ?? slug },
  'workspace.api_keys_forbidden': { tone: 'warning' },
  'workspace.api_keys_allowed': {},
  'workspace.renamed': { about: change },
  'workspace.deleted': { tone: 'danger' },
  'workspace.erased': { tone: 'danger' },
  'member.added': { about: email },
  'member.invited': { about: email },
  'member.invitation_revoked': { about: email, tone: 'warning' },
  'member.role_changed': { about: (details) => joined(' to ', details.email, details.to) },
  'member.removed': { about: email, tone: 'warning' },
  'api_key.created': { about: keyName },
  'api_key.rotated': { about: keyName },
  'api_key.updated': { about: keyName },
  'api_key.refused': { about: (details) => joined(': ', keyName(details), reason(details)), tone: 'danger' },
  'api_key.revoked': { about: keyName, tone: 'warning' },
  'trust_rule.created': { about: ruleName },
  'trust_rule.updated': { about: ruleName },
  'trust_rule.revoked': { about: ruleName, tone: 'warning' },
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
  'minting.stopped': { about: stopped, tone: 'danger' },
  'minting.started': { about: stopped, tone: 'success' },
  'evidence.link_created': { about: ({ name }) => name },
  'evidence.link_revoked': { about: ({ name }) => name },
  'evidence.issued': { about: ({ format }) => format?.toUpperCase() },
  'audit.exported': { about: ({ format }) => format?.toUpperCase() },
  'audit.archived': { about: (details) => joined(' to ', ...range(details)), tone: 'warning' },
};

/** Returns the label of an event type, or the type itself if it is unknown. */
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
 * Returns the login of the event's account. If the account's name is unknown, returns the installation's id instead.
 * `null` if the event has neither.
 */
export function accountOf(event: AuditEvent, accounts: AccountNames): string | null {
  const details = readFact(event)?.details ?? {};
  if ('account' in details && details.account) return details.account;
  const id = event.installation_id ?? ('installation_id' in details ? details.installation_id : null);
  return id ? (accounts.get(id) ?? `installation ${id}`) : null;
}

/**
 * Returns the text for an event's repositories in a table cell, and the names of those we know. `null` if the event
 * isn't about repositories.
 */
export function repositoriesOf(event: AuditEvent): { text: string; names: string[] } | null {
  const details = readFact(event)?.details ?? {};
  if (!('repositories' in details) || details.repositories === undefined) return null;
  const { repositories } = details;
  if (repositories === 'all') {
    // Mint events from before repository lists were versioned have no count.
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
