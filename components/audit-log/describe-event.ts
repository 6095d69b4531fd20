import { AUDIT_EVENT_TYPES, type AuditEvent, type AuditEventType } from '@/lib/contract/audit-event';
import type { Tone } from '../ui/badge';
import { countDetail, listInWords, nameList, textDetail } from './details';

/** Names of accounts by installation id, as far as this workspace knows them. */
export type AccountNames = ReadonlyMap<number, string>;

/** An event in words: the actor is said apart, so `action` begins with a verb. `about` is a name that others chose. */
export type EventInWords = { action: string; about: string; tone: Tone };

type Describe = (event: AuditEvent, accounts: AccountNames) => EventInWords;

const account = (event: AuditEvent, accounts: AccountNames): string =>
  textDetail(event.details, 'account') ??
  textDetail(event.details, 'account_login') ??
  (event.installation_id === null
    ? 'GitHub'
    : (accounts.get(event.installation_id) ?? `installation ${event.installation_id}`));

type About = (event: AuditEvent, accounts: AccountNames) => string;

const say =
  (action: string, about: About, tone: Tone = 'neutral'): Describe =>
  (event, accounts) => ({ action, about: about(event, accounts), tone });

const detail =
  (...names: string[]) =>
  ({ details }: AuditEvent): string =>
    names.map((name) => textDetail(details, name)).find((value) => value !== undefined) ?? '';

const repositories = (event: AuditEvent, accounts: AccountNames): string => {
  const names = nameList(event.details, 'repositories');
  if (names.length > 0) return `${account(event, accounts)}: ${listInWords(names)}`;
  const count = countDetail(event.details, 'count', 'repository_count');
  return count === undefined
    ? account(event, accounts)
    : `${account(event, accounts)}: ${count} repositories`;
};

/** A sync lists repositories with a token that cannot read code, and the log should not look as if it could. */
const minted: Describe = (event, accounts) => {
  const { repositories: scope, permissions } = event.details;
  const names = nameList(event.details, 'repositories');
  const readsCode =
    permissions !== null &&
    typeof permissions === 'object' &&
    !Array.isArray(permissions) &&
    'contents' in permissions;
  const all = Array.isArray(scope) ? 'no repositories' : 'all shared repositories';
  return {
    action: readsCode ? 'minted a token for' : 'minted a metadata-only token for',
    about: `${account(event, accounts)}: ${names.length === 0 ? all : listInWords(names)}`,
    tone: readsCode ? 'info' : 'neutral',
  };
};

const because = (event: AuditEvent, accounts: AccountNames): string => {
  const reason = textDetail(event.details, 'reason') ?? textDetail(event.details, 'code');
  return reason === undefined
    ? account(event, accounts)
    : `${account(event, accounts)}: ${reason.replaceAll('_', ' ')}`;
};

/** One row a type of event; a type without words does not compile. */
const WORDS: Record<AuditEventType, Describe> = {
  'workspace.created': say('created the workspace', detail('name', 'slug')),
  'member.added': say('added a member', detail('email', 'member')),
  'member.invited': say('invited', detail('email')),
  'member.role_changed': say('changed the role of', (event) =>
    [detail('email', 'member')(event), detail('role', 'to')(event)].filter(Boolean).join(' to '),
  ),
  'member.removed': say('removed a member', detail('email', 'member'), 'warning'),
  'api_key.created': say('created the API key', detail('name', 'display_prefix')),
  'api_key.rotated': say('rotated the API key', detail('name', 'display_prefix')),
  'api_key.revoked': say('revoked the API key', detail('name', 'display_prefix'), 'warning'),
  'github.connect_started': say('started to connect GitHub', () => ''),
  'github.approval_requested': say(
    'asked an owner to approve the App',
    detail('account', 'account_login'),
    'info',
  ),
  'github.approval_dismissed': say('no longer waits for an approval', detail('account')),
  'github.bind_refused': say('was refused the connection of', because, 'danger'),
  'github.installation_bound': say('connected', account, 'success'),
  'github.installation_suspended': say('recorded a suspension of', account, 'warning'),
  'github.installation_unsuspended': say('recorded the end of the suspension of', account, 'success'),
  'github.installation_renamed': say('recorded a new account name', (event, accounts) =>
    [textDetail(event.details, 'from'), textDetail(event.details, 'to') ?? account(event, accounts)]
      .filter(Boolean)
      .join(' → '),
  ),
  'github.installation_deleted': say('disconnected', account, 'warning'),
  'github.repository_selection_changed': say('recorded a changed repository selection of', account),
  'github.repositories_added': say('recorded repositories shared by', repositories),
  'github.repositories_removed': say('recorded repositories no longer shared by', repositories),
  'github.repositories_changed': say('recorded changed repositories of', repositories),
  'github.token_minted': minted,
  'github.token_denied': say('was refused a token for', because, 'danger'),
  'github.token_revoked': say('revoked a token of', account, 'warning'),
  'audit.exported': say('exported the audit log', detail('format')),
};

function isKnown(type: string): type is AuditEventType {
  return Object.hasOwn(WORDS, type);
}

export function describeEvent(event: AuditEvent, accounts: AccountNames): EventInWords {
  return isKnown(event.type)
    ? WORDS[event.type](event, accounts)
    : { action: event.type, about: account(event, accounts), tone: 'neutral' };
}

export function eventTypeLabel(type: string): string {
  return isKnown(type) ? AUDIT_EVENT_TYPES[type] : type;
}

/** `engine (API key)`, `olivia@acme.test`, `PulseStream (sync)` */
export function actorInWords({ type, label }: AuditEvent['actor']): string {
  switch (type) {
    case 'user':
      return label;
    case 'api_key':
      return `${label} (API key)`;
    case 'system':
      return `PulseStream (${label.replace(/^system:/, '')})`;
    default:
      return type satisfies never;
  }
}
