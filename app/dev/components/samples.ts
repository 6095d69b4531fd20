import type { ConnectedInstallation, PendingApproval } from '@/components/github/connection';
import type { AuditEvent } from '@/lib/contract/audit-event';
import type { Repository } from '@/lib/contract/installation';

const HOUR = 3_600_000;
const ago = (hours: number) => new Date(Date.now() - hours * HOUR).toISOString();

/** What GitHub and other people may send: markup, another writing direction, no place to break, a lot of it. */
export const HOSTILE = {
  markup: '<img src=x onerror=alert(1)>',
  rightToLeft: '\u202Egnp.exe\u202C-مستودع',
  long: 'an-organization-name-of-one-hundred-characters-without-any-space-in-it-'.padEnd(100, 'x'),
  emoji: '🦊🏳️‍🌈-team',
} as const;

export const installation: ConnectedInstallation = {
  id: 48_211_937,
  account: { id: 9919, login: 'acme', type: 'Organization' },
  status: 'active',
  repository_selection: 'selected',
  repository_count: 2,
  connected_by: 'olivia@acme.test',
  connected_at: ago(52),
  synced_at: ago(0.05),
  suspended_at: null,
  deleted_at: null,
  sync_error: null,
  sync_pending: false,
  sync_progress: null,
  skipped_count: 0,
  last_checked_at: ago(0.05),
  next_check_at: null,
};

export const pendingApproval: PendingApproval = {
  id: 'request',
  account_login: 'globex',
  requested_by: 'mia@acme.test',
  requested_at: ago(3),
  approved_installation_id: null,
};

const repository = (id: number, full_name: string, more: Partial<Repository> = {}): Repository => ({
  id,
  installation_id: installation.id,
  full_name,
  clone_url: `https://github.com/${full_name}.git`,
  default_branch: 'main',
  private: true,
  archived: false,
  ...more,
});

export const repositories: Repository[] = [
  repository(1, 'acme/api'),
  repository(2, 'acme/web', { private: false }),
  repository(3, 'acme/legacy-billing', { archived: true, default_branch: 'master' }),
];

export const hostileRepositories: Repository[] = [
  repository(4, `acme/${HOSTILE.long}`, { default_branch: `feature/${HOSTILE.long}` }),
  repository(5, `acme/${HOSTILE.markup}`, { default_branch: '"><script>' }),
  repository(6, `acme/${HOSTILE.rightToLeft}`),
  repository(7, `acme/${HOSTILE.emoji}`),
];

const event = (seq: number, more: Partial<AuditEvent>): AuditEvent => ({
  id: `0b6f3c1e-52f4-4bd0-8f3a-${String(seq).padStart(12, '0')}`,
  seq,
  type: 'github.token_minted',
  occurred_at: ago((40 - seq) * 1.3),
  actor: { type: 'user', id: '1f0c', label: 'olivia@acme.test' },
  workspace: 'acme',
  installation_id: installation.id,
  client_ip: '203.0.113.7',
  user_agent: 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36',
  request_id: '6b1d9c54-0c0e-4d3e-9f49-3a0cf3f6d0aa',
  details: {},
  prev_hash: 'a94a8fe5ccb19ba61c4c0873d391e987982fbbd3a94a8fe5ccb19ba61c4c0873',
  hash: '6c1f0f2d5c1f0ab94d1e0a3f3b0e8d7c6b5a49382716050f4e3d2c1b0a998877',
  ...more,
});

export const events: AuditEvent[] = [
  event(39, {
    actor: { type: 'api_key', id: 'k1', label: 'engine' },
    user_agent: 'pulsestream-engine/2.3',
    details: {
      repositories: [
        { id: 1, full_name: 'acme/api' },
        { id: 2, full_name: 'acme/web' },
      ],
      permissions: { contents: 'read', metadata: 'read' },
      expires_at: ago(-1),
      hashed_token: '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=',
    },
  }),
  event(38, {
    type: 'github.token_denied',
    actor: { type: 'api_key', id: 'k1', label: 'engine' },
    details: { reason: 'repository_not_accessible', repositories: ['acme/secret'] },
  }),
  event(37, {
    type: 'github.repositories_added',
    actor: { type: 'system', id: 'system:sync', label: 'system:sync' },
    client_ip: null,
    user_agent: null,
    details: {
      account: 'acme',
      repositories: ['a', 'b', 'c', 'd', 'e'].map((name, id) => ({ id, full_name: `acme/${name}` })),
    },
  }),
  event(36, { type: 'github.installation_bound', details: { account: 'acme', proof: 'installed_by_user' } }),
  event(35, { type: 'api_key.created', details: { name: 'engine' } }),
  event(34, { type: 'github.bind_refused', details: { reason: 'not_your_installation' } }),
  event(33, {
    type: 'member.invited',
    installation_id: null,
    details: { email: 'mia@acme.test', role: 'admin' },
  }),
  event(32, { type: 'workspace.created', installation_id: null, details: { name: 'Acme', slug: 'acme' } }),
];

export const hostileEvents: AuditEvent[] = [
  event(31, {
    actor: { type: 'api_key', id: 'k2', label: HOSTILE.long },
    user_agent: `${HOSTILE.markup} ${HOSTILE.long}`,
    client_ip: '2001:db8:1234:5678:9abc:def0:1234:5678',
    details: {
      repositories: [`acme/${HOSTILE.long}`, `acme/${HOSTILE.markup}`],
      [HOSTILE.markup]: HOSTILE.rightToLeft,
    },
  }),
];
