import { AUDIT_EVENT_TYPES, type AuditEvent, type AuditEventType } from '@/lib/contract/audit-event';
import type { Tone } from '../ui/badge';
import { countDetail, listInWords, nameList, textDetail } from './details';

/** Names of accounts by installation id, if this workspace has them. */
export type AccountNames = ReadonlyMap<number, string>;

/** An event in words. `about` adds to its type, account and repositories, and may contain names that others chose. */
export type EventInWords = { label: string; about: string; tone: Tone };

type Describe = (event: AuditEvent) => Omit<EventInWords, 'label'>;

type About = (event: AuditEvent) => string;

const nothing: About = () => '';

const say =
  (about: About = nothing, tone: Tone = 'neutral'): Describe =>
  (event) => ({ about: about(event), tone });

const detail =
  (...names: string[]): About =>
  ({ details }) =>
    names.map((name) => textDetail(details, name)).find((value) => value !== undefined) ?? '';

const joined =
  (separator: string, ...parts: About[]): About =>
  (event) =>
    parts
      .map((part) => part(event))
      .filter(Boolean)
      .join(separator);

/** Turns `repository_not_accessible` into `repository not accessible`. */
const reason: About = (event) => detail('reason', 'code')(event).replaceAll('_', ' ');

/** Marks a sync's token, which cannot read code. The log should not look as if it could. */
const minted: Describe = ({ details: { permissions } }) => {
  const readsCode =
    permissions !== null &&
    typeof permissions === 'object' &&
    !Array.isArray(permissions) &&
    'contents' in permissions;
  return readsCode ? { about: '', tone: 'info' } : { about: 'metadata only', tone: 'neutral' };
};

/** One row for each type of event. A type without a row does not compile. Its label is in the contract. */
const WORDS: Record<AuditEventType, Describe> = {
  'workspace.created': say(detail('name', 'slug')),
  'member.added': say(detail('email', 'member')),
  'member.invited': say(detail('email')),
  'member.invitation_revoked': say(detail('email'), 'warning'),
  'member.role_changed': say(joined(' to ', detail('email', 'member'), detail('role', 'to'))),
  'member.removed': say(detail('email', 'member'), 'warning'),
  'api_key.created': say(detail('name', 'display_prefix')),
  'api_key.rotated': say(detail('name', 'display_prefix')),
  'api_key.revoked': say(detail('name', 'display_prefix'), 'warning'),
  'github.connect_started': say(),
  'github.approval_requested': say(nothing, 'info'),
  'github.approval_dismissed': say(),
  'github.bind_refused': say(reason, 'danger'),
  'github.installation_bound': say(nothing, 'success'),
  'github.installation_suspended': say(nothing, 'warning'),
  'github.installation_unsuspended': say(nothing, 'success'),
  'github.installation_renamed': say(joined(' → ', detail('from'), detail('to'))),
  'github.installation_deleted': say(nothing, 'warning'),
  'github.repository_selection_changed': say(joined(' → ', detail('from'), detail('to'))),
  'github.repositories_added': say(),
  'github.repositories_removed': say(),
  'github.repositories_changed': say(),
  'github.token_minted': minted,
  'github.token_denied': say(reason, 'danger'),
  'github.token_revoked': say(nothing, 'warning'),
  'audit.exported': say((event) => detail('format')(event).toUpperCase()),
};

function isKnown(type: string): type is AuditEventType {
  return Object.hasOwn(WORDS, type);
}

/** Returns the label of a type. An unknown type is its own label. */
export function eventLabel(type: string): string {
  return isKnown(type) ? AUDIT_EVENT_TYPES[type] : type;
}

export function describeEvent(event: AuditEvent): EventInWords {
  const { type } = event;
  const words = isKnown(type) ? WORDS[type](event) : ({ about: '', tone: 'neutral' } as const);
  return { label: eventLabel(type), ...words };
}

/** Returns the login of the event's account, or its installation's id; `null` if there is neither. */
export function accountOf({ details, installation_id }: AuditEvent, accounts: AccountNames): string | null {
  const named = textDetail(details, 'account') ?? textDetail(details, 'account_login');
  if (named !== undefined) return named;
  const id = installation_id ?? details.installation_id;
  return typeof id === 'number' ? (accounts.get(id) ?? `installation ${id}`) : null;
}

/** Returns the event's repositories: `text` for a cell, and every known name; `null` if it has none. */
export function repositoriesOf({ details }: AuditEvent): { text: string; names: string[] } | null {
  if (details.repositories === 'all') {
    // Mints from before the list had a version have no count.
    const shared = countDetail(details, 'repository_count');
    return {
      text: shared === undefined ? 'All shared' : `All shared (${shared.toLocaleString('en')})`,
      names: [],
    };
  }
  const names = nameList(details, 'repositories');
  const count = Math.max(names.length, countDetail(details, 'count', 'repository_count') ?? 0);
  if (names.length > 0) return { text: listInWords(names, count), names };
  if (count > 0) return { text: `${count} ${count === 1 ? 'repository' : 'repositories'}`, names };
  return Array.isArray(details.repositories) ? { text: 'None', names } : null;
}
