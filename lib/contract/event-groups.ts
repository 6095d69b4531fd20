/** Groups of event types, by which the page offers them and a search can name them. */
import { AUDIT_EVENTS, type AuditEventType } from './audit-types';

/** The groups in the order of the page. A search names one by its key: `type:tokens`. */
export const EVENT_GROUPS = {
  tokens: 'Tokens',
  connections: 'Connections',
  credentials: 'API keys and trust rules',
  members: 'Members',
  workspace: 'Workspace',
  evidence: 'Evidence and audit log',
} as const;
export type EventGroup = keyof typeof EVENT_GROUPS;

type Subject = AuditEventType extends infer T ? (T extends `${infer S}.${string}` ? S : never) : never;

/** The group of each subject, which is what stands before a type's dot. A subject without a group doesn't compile. */
const GROUP_OF: Record<Subject, EventGroup> = {
  github: 'connections',
  minting: 'tokens',
  api_key: 'credentials',
  trust_rule: 'credentials',
  member: 'members',
  workspace: 'workspace',
  evidence: 'evidence',
  audit: 'evidence',
};

/** The types of GitHub's own that are about tokens begin so. */
const TOKEN = 'github.token_';

function groupOf(type: AuditEventType): EventGroup {
  return type.startsWith(TOKEN) ? 'tokens' : GROUP_OF[type.slice(0, type.indexOf('.')) as Subject];
}

const TYPES = Object.keys(AUDIT_EVENTS) as AuditEventType[];

/** The types of each group, in the order of the groups. */
export const TYPES_OF_GROUP = Object.fromEntries(
  Object.keys(EVENT_GROUPS).map((group) => [group, TYPES.filter((type) => groupOf(type) === group)]),
) as Record<EventGroup, AuditEventType[]>;

export const isEventGroup = (text: string): text is EventGroup => Object.hasOwn(EVENT_GROUPS, text);

/** Replaces the groups in a list of types with commas by their types. Leaves everything else as it is. */
export function expandGroups(list: string): string {
  const types = list.split(',').flatMap((item) => (isEventGroup(item) ? TYPES_OF_GROUP[item] : [item]));
  return [...new Set(types)].join();
}
