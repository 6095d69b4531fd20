/** Prepares, for every documented operation, a request that succeeds. */
import { randomUUID } from 'node:crypto';
import { encode } from 'next-auth/jwt';
import type { OfflineGitHub } from 'offline-github';
import { afterAll } from 'vitest';
import type { UserActor } from '@/lib/actor';
import { createApiKey } from '@/lib/api-keys/manage';
import { makeUser, TEST_ORIGIN } from '@/lib/auth/test-fixtures';
import { getConfig } from '@/lib/config';
import { getDb } from '@/lib/db/client';
import { mintToken } from '@/lib/token/mint';
import { createTrustRule } from '@/lib/workload/manage-rules';
import { startTestIssuer } from '@/lib/workload/test-issuer';
import type { Call, Operation } from './test-call';

export const CRON_SECRET = 'the cron secret';
export const METRICS_TOKEN = 'the metrics token';

/** Signs the identity tokens. The operator trusts it, and the issuer that the document's examples name. */
export const issuer = await startTestIssuer('http://localhost:3000', { alg: 'ES256' });
afterAll(issuer.stop);
export const WORKLOAD_ISSUERS = `${issuer.url},https://token.actions.githubusercontent.com`;

/** A workspace with somebody who may do everything in it, and services. */
export type Tenant = {
  workspaceId: string;
  slug: string;
  owner: UserActor;
  installationId: number;
  github: OfflineGitHub;
};

const administration = ({ workspaceId, owner }: Tenant) => ({
  workspaceId,
  actor: owner,
  origin: TEST_ORIGIN,
});

export async function asUser({ id }: UserActor): Promise<{ authorization: string }> {
  const jwt = await encode({ token: { sub: id }, secret: getConfig().auth.secret });
  return { authorization: `Bearer ${jwt}` };
}

export async function asBrowser(user: UserActor): Promise<{ cookie: string }> {
  const { authorization } = await asUser(user);
  return { cookie: `next-auth.session-token=${authorization.slice('Bearer '.length)}` };
}

export const newKey = (tenant: Tenant, limits: { networks?: string[] } = {}) =>
  createApiKey(administration(tenant), { name: 'engine', ...limits });

export const newRule = (tenant: Tenant, subject: string = randomUUID()) =>
  createTrustRule(administration(tenant), { name: 'ci', issuer: issuer.url, subject });

export const asService = (credential: string) => ({ authorization: `Bearer ${credential}` });

/** Returns the headers of a caller that may use the operation, for each security scheme. */
const CREDENTIALS: Record<string, (tenant: Tenant) => Promise<Record<string, string>>> = {
  apiKey: async (tenant) => asService((await newKey(tenant)).key),
  identityToken: async (tenant) => {
    const { subject } = await newRule(tenant);
    return { ...asService(await issuer.sign({ sub: subject })), 'x-workspace': tenant.slug };
  },
  userJwt: ({ owner }) => asUser(owner),
  session: ({ owner }) => asBrowser(owner),
  cronSecret: async () => asService(CRON_SECRET),
  metricsToken: async () => asService(METRICS_TOKEN),
  // The request that is prepared for the operation has a signature already.
  webhookSignature: async () => ({}),
};

/** Returns the names of the security schemes that the operation accepts. A public one has none. */
export const schemesOf = ({ documented }: Operation): string[] =>
  documented.security.flatMap((requirement) => Object.keys(requirement));

async function credentials(scheme: string | undefined, tenant: Tenant): Promise<Record<string, string>> {
  if (scheme === undefined) return {};
  const present = CREDENTIALS[scheme];
  if (present === undefined) throw new Error(`CREDENTIALS has none for ${scheme}`);
  return present(tenant);
}

type Prepare = (tenant: Tenant) => Promise<Call> | Call;

async function newMember({ workspaceId }: Tenant): Promise<string> {
  const { id } = await makeUser();
  await getDb().membership.create({ data: { workspaceId, userId: id, role: 'member' } });
  return id;
}

/** Prepares what an operation needs besides credentials and the document's own example. */
export const REQUESTS: Record<string, Prepare> = {
  mintTokenForService: () => ({}),
  mintTokenForUser: () => ({}),
  revokeToken: async (tenant) => {
    const { token } = await mintToken({ ...administration(tenant), request: {} });
    return { body: { token } };
  },
  listReadableRepositories: () => ({}),
  listInstallations: () => ({}),
  listRepositories: () => ({}),
  syncInstallation: ({ installationId }) => ({ params: { id: String(installationId) } }),
  disconnectInstallation: ({ installationId }) => ({ params: { id: String(installationId) } }),
  listApiKeys: () => ({}),
  createApiKey: () => ({}),
  updateApiKey: async (tenant) => ({ params: { id: (await newKey(tenant)).id } }),
  rotateApiKey: async (tenant) => ({ params: { id: (await newKey(tenant)).id } }),
  revokeApiKey: async (tenant) => ({ params: { id: (await newKey(tenant)).id } }),
  listTrustRules: () => ({}),
  createTrustRule: () => ({}),
  updateTrustRule: async (tenant) => ({ params: { id: (await newRule(tenant)).id } }),
  revokeTrustRule: async (tenant) => ({ params: { id: (await newRule(tenant)).id } }),
  readWorkspace: () => ({}),
  updateWorkspace: () => ({}),
  listMembers: () => ({}),
  inviteMember: () => ({}),
  changeMember: async (tenant) => ({ params: { id: await newMember(tenant) } }),
  removeMember: async (tenant) => ({ params: { id: await newMember(tenant) } }),
  listAuditEvents: () => ({}),
  verifyAuditEvents: () => ({}),
  issueEvidencePack: () => ({}),
  describe: () => ({}),
  startConnect: ({ slug }) => ({
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: `workspace=${slug}`,
  }),
  setup: () => ({ query: '?state=a-state-that-nobody-made' }),
  callback: () => ({ query: '?state=a-state-that-nobody-made&code=x' }),
  receiveWebhook: ({ github }) => {
    const { headers, body } = github.signDelivery('ping', { zen: 'Keep it logically awesome.' });
    return { headers, body: body.toString() };
  },
  reconcile: () => ({}),
  live: () => ({}),
  ready: () => ({}),
  metrics: () => ({}),
};

/**
 * Returns a request that succeeds, with the body that the document gives as its example unless `REQUESTS` has another.
 *
 * @param scheme the security scheme that authenticates it, by default the operation's first
 */
export async function validRequest(
  operation: Operation,
  tenant: Tenant,
  scheme = schemesOf(operation)[0],
): Promise<Call> {
  const prepare = REQUESTS[operation.id];
  if (prepare === undefined) throw new Error(`REQUESTS has no request for ${operation.id}`);
  const { params, headers, ...rest } = await prepare(tenant);
  const example = operation.documented.requestBody?.content['application/json']?.example;
  return {
    ...(example === undefined ? {} : { body: example }),
    ...rest,
    params: { ...(operation.template.includes('{workspace}') ? { workspace: tenant.slug } : {}), ...params },
    headers: { ...(await credentials(scheme, tenant)), ...headers },
  };
}
