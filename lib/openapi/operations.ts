import { z } from 'zod';
import { AuditEvent, AuditEventsQuery, AuditVerification } from '../contract/audit-event';
import { CallbackQuery, ConnectForm, SetupQuery } from '../contract/connect';
import { Installation, InstallationPath, RepositoriesQuery, Repository } from '../contract/installation';
import { MintRequest, MintResponse } from '../contract/mint';
import { listOf } from '../contract/pagination';
import { RevokeRequest } from '../contract/revoke';
import type { Operation } from './operation';
import { PEOPLE_OPERATIONS } from './operations-of-people';

const W = '/api/v1/workspaces/{workspace}';

const MINT = {
  body: MintRequest,
  bodyOptional: true,
  example: { repositories: ['acme/api'], verify: true },
  answer: {
    status: 201,
    description: 'A new token, recorded in the audit log before this answer.',
    schema: MintResponse,
  },
  problems: [
    'not_connected',
    'installation_suspended',
    'installation_deleted',
    'installation_ambiguous',
    'repository_not_accessible',
    'github_error',
    'github_unavailable',
    'audit_unavailable',
  ],
} as const satisfies Partial<Operation>;

const TOKENS: Operation[] = [
  {
    id: 'mintTokenForService',
    tag: 'Tokens',
    method: 'post',
    path: '/api/v1/internal/github/token',
    summary: 'Mint a token for a service',
    description:
      'One answer, one new token: read-only, valid for one hour, narrowed to the repositories that are named. Without installation_id the named repositories choose the installation, or those that the API key is bound to; else it is the workspace’s only active one. Repositories of several accounts need a request for each account.',
    credential: 'apiKey',
    rateLimit: 'mint_internal',
    ...MINT,
    problems: [...MINT.problems, 'not_found'],
  },
  {
    id: 'mintTokenForUser',
    tag: 'Tokens',
    method: 'post',
    path: `${W}/github/token`,
    summary: 'Mint a token as a member',
    description: 'As for a service. A bearer token that is sent wins over the session cookie.',
    credential: 'user',
    role: 'member',
    rateLimit: 'mint_user',
    ...MINT,
  },
  {
    id: 'revokeToken',
    tag: 'Tokens',
    method: 'post',
    path: '/api/v1/internal/github/token/revoke',
    summary: 'Hand a token back',
    description:
      'Revokes at GitHub a token that was minted for this workspace, before its hour is over. We keep no token, so only who holds one can name it.',
    credential: 'apiKey',
    rateLimit: 'api',
    body: RevokeRequest,
    example: { token: 'ghs_…' },
    answer: { status: 204, description: 'The token works no more.' },
    problems: ['not_found', 'github_error', 'github_unavailable', 'audit_unavailable'],
  },
];

const GITHUB: Operation[] = [
  {
    id: 'listReadableRepositories',
    tag: 'GitHub',
    method: 'get',
    path: '/api/v1/internal/github/repositories',
    summary: 'List the repositories that this key may read',
    credential: 'apiKey',
    rateLimit: 'api',
    query: RepositoriesQuery,
    answer: { status: 200, description: 'One page.', schema: listOf(Repository) },
  },
  {
    id: 'listInstallations',
    tag: 'GitHub',
    method: 'get',
    path: `${W}/github/installations`,
    summary: 'List the connected installations',
    credential: 'user',
    role: 'member',
    rateLimit: 'api',
    answer: { status: 200, description: 'All of them.', schema: listOf(Installation) },
  },
  {
    id: 'listRepositories',
    tag: 'GitHub',
    method: 'get',
    path: `${W}/github/repositories`,
    summary: 'List the repositories that are shared',
    credential: 'user',
    role: 'member',
    rateLimit: 'api',
    query: RepositoriesQuery,
    answer: { status: 200, description: 'One page.', schema: listOf(Repository) },
  },
  {
    id: 'syncInstallation',
    workspaceLimit: { policy: 'sync' },
    tag: 'GitHub',
    method: 'post',
    path: `${W}/github/installations/{id}/sync`,
    summary: 'Ask GitHub now',
    credential: 'user',
    role: 'admin',
    rateLimit: 'api',
    params: InstallationPath,
    answer: { status: 200, description: 'The installation as it is now.', schema: Installation },
    problems: ['github_error', 'github_unavailable', 'installation_suspended', 'repository_not_accessible'],
  },
  {
    id: 'disconnectInstallation',
    tag: 'GitHub',
    method: 'delete',
    path: `${W}/github/installations/{id}`,
    summary: 'Disconnect',
    description:
      'Uninstalls the App at GitHub; if GitHub cannot be asked now, that is repeated later. A token that was given out may work for the rest of its hour.',
    credential: 'user',
    role: 'admin',
    rateLimit: 'api',
    params: InstallationPath,
    answer: { status: 204, description: 'No token is minted for it any more.' },
  },
];

const AUDIT_LOG: Operation[] = [
  {
    id: 'listAuditEvents',
    workspaceLimit: { policy: 'whole_log', only: 'exports' },
    tag: 'Audit log',
    method: 'get',
    path: `${W}/audit-events`,
    summary: 'List or export audit events',
    description:
      'Newest first, a page at a time. With format=csv or format=ndjson everything that matches is streamed, oldest first. The filter actor takes an id, a label, or what the page shows, like “engine (API key)”. The filter repository finds the tokens that could read it: those that name it, under each of its names, and those for all repositories while it was shared or that may have lived when it was added. GitHub tells when something changed only by a webhook, which may be lost, so a repository counts from an hour before the last sync that did not list it until we noticed its removal: the answer may hold a token too many, and none too few. The filter q finds text in label and details, or the beginning of a request id or of a token’s hash; owner/name finds that repository only. syncs=hide leaves out the tokens of our own syncs, which read no code.',
    credential: 'user',
    role: 'admin',
    rateLimit: 'api',
    query: AuditEventsQuery,
    answer: {
      status: 200,
      description: 'One page, or the file.',
      schema: listOf(AuditEvent),
      contentTypes: ['text/csv', 'application/x-ndjson'],
    },
  },
  {
    id: 'verifyAuditEvents',
    workspaceLimit: { policy: 'whole_log' },
    tag: 'Audit log',
    method: 'get',
    path: `${W}/audit-events/verify`,
    summary: 'Verify the chain of hashes',
    credential: 'user',
    role: 'admin',
    rateLimit: 'api',
    answer: {
      status: 200,
      description: 'Whether every event fits the one before it.',
      schema: AuditVerification,
    },
  },
];

const SEE_OTHER = { status: 303, description: 'On to GitHub, or back to a page that says what happened.' };
const BROWSER = {
  tag: 'Connecting',
  credential: 'session',
  rateLimit: 'connect',
  answer: SEE_OTHER,
} as const;

const CONNECTING: Operation[] = [
  {
    ...BROWSER,
    id: 'startConnect',
    method: 'post',
    path: '/api/github/connect',
    summary: 'Begin to connect GitHub (a form of our pages)',
    body: ConnectForm,
    bodyType: 'application/x-www-form-urlencoded',
    example: { workspace: 'acme' },
    problems: ['forbidden', 'not_found'],
  },
  {
    ...BROWSER,
    id: 'setup',
    method: 'get',
    path: '/api/github/setup',
    summary: 'The App’s Setup URL',
    query: SetupQuery,
    problems: ['forbidden'],
  },
  {
    ...BROWSER,
    id: 'callback',
    method: 'get',
    path: '/api/github/callback',
    summary: 'The App’s OAuth callback',
    query: CallbackQuery,
    problems: ['forbidden'],
  },
  {
    id: 'receiveWebhook',
    tag: 'Connecting',
    method: 'post',
    path: '/api/github/webhooks',
    summary: 'GitHub’s deliveries',
    description:
      'JSON, or a form with the field `payload`; up to 25 MB. The answer comes once the effect is committed; a 5xx asks for redelivery. A signed payload is never refused for what it holds: what cannot be read is asked of GitHub.',
    credential: 'webhookSignature',
    answer: {
      status: 202,
      description: 'Applied, or nothing to do.',
      schema: z.strictObject({ outcome: z.string() }),
    },
    problems: [
      'invalid_request',
      'invalid_signature',
      'payload_too_large',
      'overloaded',
      'webhook_secret_not_configured',
    ],
  },
];

const Checks = z.strictObject({
  status: z.enum(['ok', 'unavailable']),
  checks: z.strictObject({
    database: z.enum(['ok', 'failed']),
    redis: z.enum(['ok', 'failed']),
    key: z.enum(['ok', 'failed']),
  }),
  /** What to mend, where that is known; left out when all is well. */
  reasons: z.strictObject({ database: z.string(), redis: z.string(), key: z.string() }).partial().optional(),
});

const OPERATING: Operation[] = [
  {
    id: 'reconcile',
    tag: 'Operation',
    method: 'post',
    path: '/api/internal/reconcile',
    summary: 'Compare with GitHub once',
    credential: 'cronSecret',
    rateLimit: 'api',
    answer: { status: 200, description: 'What was found.', schema: z.record(z.string(), z.unknown()) },
    problems: ['github_unavailable'],
  },
  {
    id: 'live',
    tag: 'Operation',
    method: 'get',
    path: '/api/health/live',
    summary: 'Whether the process runs',
    credential: 'none',
    answer: { status: 200, description: 'It does.', schema: z.strictObject({ status: z.literal('ok') }) },
  },
  {
    id: 'ready',
    tag: 'Operation',
    method: 'get',
    path: '/api/health/ready',
    summary: 'Whether it can do its work',
    credential: 'none',
    answer: { status: 200, description: 'Every part answers.', schema: Checks },
    otherAnswer: { status: 503, description: 'A part does not; it is named.', schema: Checks },
  },
  {
    id: 'metrics',
    tag: 'Operation',
    method: 'get',
    path: '/api/metrics',
    summary: 'Metrics for Prometheus',
    credential: 'metricsToken',
    rateLimit: 'api',
    answer: { status: 200, description: 'Prometheus’ text format.', contentTypes: ['text/plain'] },
  },
  {
    id: 'describe',
    tag: 'Operation',
    method: 'get',
    path: '/api/v1/openapi.json',
    summary: 'This description, as OpenAPI 3.1',
    credential: 'none',
    rateLimit: 'api',
    answer: { status: 200, description: 'The document.', schema: z.record(z.string(), z.unknown()) },
  },
];

/** Every route, in the order in which one reads about them. */
export const OPERATIONS: readonly Operation[] = [
  ...TOKENS,
  ...GITHUB,
  ...PEOPLE_OPERATIONS,
  ...AUDIT_LOG,
  ...CONNECTING,
  ...OPERATING,
];
