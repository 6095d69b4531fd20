/**
 * Sends every documented request, provokes every documented problem, and reads each response by the OpenAPI document.
 * Calls the routes in this process, with the offline GitHub, a store, and a database.
 */
import { createHmac } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { makeUser } from '@/lib/auth/test-fixtures';
import { getDb } from '@/lib/db/client';
import { forgetGitHub } from '@/lib/github/client';
import type { ProblemCode } from '@/lib/problem';
import { startTestWorld } from '@/lib/testing/test-world';
import { startTestIssuer } from '@/lib/workload/test-issuer';
import { startMinting, stopMinting } from '@/lib/workspace/minting-stops';
import { newEvidenceKey } from '@/local/services/evidence-key';
import { startStore } from '@/local/services/store';
import {
  answered,
  type Call,
  documentedOperations,
  type Operation,
  readDocumented,
  send,
  withHeaders,
} from './test-call';
import { allowConnections, useSigningKey, useWebhookSecrets } from './test-faults';
import {
  asBrowser,
  asService,
  asUser,
  CRON_SECRET,
  issuer,
  METRICS_TOKEN,
  newKey,
  schemesOf,
  type Tenant,
  validRequest,
  WORKLOAD_ISSUERS,
} from './test-requests';
import { ambiguousToken, connectedTenant, forbiddenKey, tenantWith } from './test-tenants';

const store = await startStore();
/** An issuer that the operator trusts and that answers nobody. */
const silent = await startTestIssuer('http://localhost:3000', { alg: 'ES256' });
await silent.stop();
const world = await startTestWorld(
  {
    CRON_SECRET,
    METRICS_TOKEN,
    EVIDENCE_SIGNING_KEY: newEvidenceKey(),
    WORKLOAD_ISSUERS: `${WORKLOAD_ISSUERS},${silent.url}`,
  },
  {},
  ({ REDIS_URL: _, ...environment }) => ({
    ...environment,
    UPSTASH_REDIS_REST_URL: store.url,
    UPSTASH_REDIS_REST_TOKEN: store.token,
  }),
);
const { github } = world;
const owner = new pg.Client(world.environment.OWNER_DATABASE_URL);

let acme: Tenant;

beforeAll(async () => {
  await owner.connect();
  acme = await connectedTenant(world, 'acme', 'olivia');
});
beforeEach(() => {
  github.knobs.reset();
  forgetGitHub();
});
afterAll(async () => {
  await owner.end();
  await store.close();
});

type Cause = {
  /** Returns the requests that have the problem, made from one that succeeds. If omitted, that one has it. */
  requests?: (valid: Call, operation: Operation) => Call[] | Promise<Call[]>;
  /** The workspace that has the problem. */
  tenant?: () => Promise<Tenant>;
  /** Makes the problem happen once the request is prepared, and returns what ends it. */
  happen?: (operation: Operation) => unknown;
  end?: () => unknown;
  /** Other causes for some operations. */
  of?: Record<string, Cause>;
  /** Says why an operation cannot have the problem in this test. */
  not?: Record<string, string>;
};

const CLIENT = { 'x-forwarded-for': '192.0.2.44' };
const ABSENT = { workspace: 'no-such-workspace', id: '00000000-0000-4000-8000-000000000000' };
const ABSENT_INSTALLATION = 987_654_321;
const TEXT = { 'content-type': 'text/plain' };
const MINT_AT_GITHUB = 'POST /app/installations/{installation_id}/access_tokens';
const AT_GITHUB: Record<string, string> = {
  mintTokenForService: MINT_AT_GITHUB,
  mintTokenForUser: MINT_AT_GITHUB,
  syncInstallation: MINT_AT_GITHUB,
  revokeToken: 'DELETE /installation/token',
  reconcile: 'GET /app/installations',
};
const EVERYTHING = { workspaceId: null, apiKey: null };
const BY_OPERATOR = {
  actor: { type: 'system', id: 'operator', label: 'operator' },
  origin: { requestId: 'test', clientIp: null, userAgent: null },
} as const;
const NO_DATABASE = 'reads no database';

const isOfService = (operation: Operation) => schemesOf(operation).includes('identityToken');

const isForm = ({ documented }: Operation) =>
  documented.requestBody?.content['application/x-www-form-urlencoded'] !== undefined;

/** Lists what causes each problem that the document has for an operation. */
const CAUSES: Record<ProblemCode, Cause> = {
  invalid_request: {
    requests: async (valid, operation) => {
      if (operation.id === 'receiveWebhook') return [withHeaders(valid, { 'X-GitHub-Delivery': undefined })];
      const unclear = isOfService(operation)
        ? [withHeaders(valid, asService(await ambiguousToken(world)))]
        : [];
      const { name } = operation.documented.parameters?.find((parameter) => parameter.in === 'query') ?? {};
      if (name !== undefined) return [...unclear, { ...valid, query: `?${name}=1&${name}=2` }];
      const body = isForm(operation) ? `${valid.body}&unknown=1` : { ...Object(valid.body), unknown: 1 };
      return [...unclear, { ...valid, body }];
    },
  },
  unauthenticated: {
    requests: async (valid, operation) => [
      withHeaders(valid, { authorization: undefined }),
      withHeaders(valid, { authorization: 'Bearer no-such' }),
      ...(isOfService(operation)
        ? [
            withHeaders(valid, { 'x-workspace': ABSENT.workspace }),
            withHeaders(valid, asService(await issuer.sign({ sub: 'trusted by no rule' }))),
          ]
        : []),
    ],
  },
  invalid_signature: {
    requests: (valid) => [withHeaders(valid, { 'X-Hub-Signature-256': `sha256=${'0'.repeat(64)}` })],
  },
  forbidden: {
    requests: async (valid, operation) => {
      if (isOfService(operation)) {
        const { key } = await newKey(acme, { networks: ['203.0.113.0/24'] });
        return [key, await forbiddenKey(world)].map((credential) =>
          withHeaders(valid, asService(credential)),
        );
      }
      const { documented } = operation;
      const elsewhere = { origin: 'https://elsewhere.example', authorization: undefined };
      const fromElsewhere = withHeaders(valid, { ...(await asBrowser(acme.owner)), ...elsewhere });
      if (documented['x-role'] !== 'admin') return [fromElsewhere];
      const { id } = await makeUser();
      await getDb().membership.create({
        data: { workspaceId: acme.workspaceId, userId: id, role: 'member' },
      });
      return [fromElsewhere, withHeaders(valid, await asUser({ type: 'user', id, label: 'mia' }))];
    },
  },
  not_found: {
    requests: (valid, { id, template }) => {
      if (id === 'mintTokenForService') return [{ ...valid, body: { installation_id: ABSENT_INSTALLATION } }];
      if (id === 'revokeToken') return [{ ...valid, body: { token: 'ghs_of_another_workspace' } }];
      if (id === 'startConnect') return [{ ...valid, body: `workspace=${ABSENT.workspace}` }];
      const absent = template.includes('/installations/')
        ? { ...ABSENT, id: String(ABSENT_INSTALLATION) }
        : ABSENT;
      return (['workspace', 'id'] as const)
        .filter((name) => template.includes(`{${name}}`))
        .map((name) => ({ ...valid, params: { ...valid.params, [name]: absent[name] } }));
    },
  },
  payload_too_large: {
    requests: (valid, { id }) => [
      { ...valid, body: ' '.repeat(id === 'receiveWebhook' ? 26 * 1024 * 1024 : 300_000) },
    ],
  },
  unsupported_media_type: {
    requests: (valid, { id }) => {
      if (id !== 'receiveWebhook') return [withHeaders({ body: 'x', ...valid }, TEXT)];
      const body = 'compressed by a proxy';
      const hmac = createHmac('sha256', world.environment.GITHUB_WEBHOOK_SECRET ?? '').update(body);
      const signature = `sha256=${hmac.digest('hex')}`;
      return [
        withHeaders({ ...valid, body }, { 'X-Hub-Signature-256': signature, 'Content-Encoding': 'gzip' }),
      ];
    },
  },
  rate_limited: {
    requests: (valid) => [withHeaders(valid, CLIENT)],
    happen: async (operation) => {
      const limits = operation.documented['x-rate-limits'] ?? [];
      const most = limits.find(({ per }) => per === 'address')?.requests ?? 0;
      for (let n = 0; n < most; n++) if ((await send(operation, { headers: CLIENT })).status === 429) return;
    },
  },
  not_connected: { tenant: () => tenantWith(world) },
  installation_suspended: { tenant: () => tenantWith(world, 'suspended') },
  installation_deleted: { tenant: () => tenantWith(world, 'deleted') },
  installation_already_connected: {},
  installation_ambiguous: {
    tenant: () => tenantWith(world, 'active', 'active'),
    requests: (valid) => [{ ...valid, body: {} }],
  },
  repository_not_accessible: {
    requests: (valid) => [{ ...valid, body: { ...Object(valid.body), repositories: ['acme/none'] } }],
    of: {
      syncInstallation: {
        happen: () =>
          github.knobs.failNext(MINT_AT_GITHUB, { kind: 'refusal', name: 'repositories-not-accessible' }, 9),
      },
    },
  },
  internal: {
    happen: () => owner.query('ALTER SCHEMA public RENAME TO elsewhere'),
    end: () => owner.query('ALTER SCHEMA elsewhere RENAME TO public'),
    not: {
      describe: NO_DATABASE,
      live: NO_DATABASE,
      ready: 'reports the failure with a 503',
      metrics: 'leaves out what it cannot count',
    },
  },
  github_error: {
    happen: ({ id }) => github.knobs.failNext(AT_GITHUB[id] ?? '', { kind: 'html', status: 200 }, 9),
  },
  github_unavailable: {
    happen: ({ id }) => github.knobs.failNext(AT_GITHUB[id] ?? '', { kind: 'status', status: 500 }, 9),
  },
  minting_stopped: {
    happen: () => stopMinting(EVERYTHING, 'a test', BY_OPERATOR),
    end: () => startMinting(EVERYTHING, BY_OPERATOR),
  },
  audit_unavailable: {
    happen: () =>
      owner.query(
        "ALTER TABLE audit_events ADD CONSTRAINT broken CHECK (type NOT LIKE 'github.%') NOT VALID",
      ),
    end: () => owner.query('ALTER TABLE audit_events DROP CONSTRAINT broken'),
  },
  evidence_unavailable: {
    happen: () => useSigningKey(undefined),
    end: () => useSigningKey(world.environment.EVIDENCE_SIGNING_KEY),
  },
  overloaded: {
    requests: async (valid) => [withHeaders(valid, asService(await silent.sign({ sub: 'x' })))],
    not: { receiveWebhook: 'lib/http/large-body.test.ts fills the memory for bodies' },
  },
  database_unavailable: {
    happen: () => allowConnections(world, 0),
    end: () => allowConnections(world, -1),
  },
  webhook_secret_not_configured: {
    happen: () => useWebhookSecrets([]),
    end: () => useWebhookSecrets([world.environment.GITHUB_WEBHOOK_SECRET ?? '']),
  },
};

const operations = [...documentedOperations().values()];

const successes = operations.flatMap((operation) => {
  const schemes: (string | undefined)[] = schemesOf(operation);
  return (schemes.length > 0 ? schemes : [undefined]).map((scheme) => ({
    id: operation.id,
    operation,
    scheme,
  }));
});

/** Workspaces of their own for requests after which others would fail. */
const SPOILT: Record<string, () => Promise<Tenant>> = {
  disconnectInstallation: () => connectedTenant(world, 'globex', 'eve'),
  updateWorkspace: () => tenantWith(world),
};

it.each(successes)('describes the response to a valid $id by $scheme', async ({ id, operation, scheme }) => {
  const tenant = (await SPOILT[id]?.()) ?? acme;
  const [success = ''] = Object.keys(operation.documented.responses);
  await answered(Number(success), id, await validRequest(operation, tenant, scheme));
});

const problems = operations.flatMap((operation) =>
  operation.documented['x-problems'].map((code) => ({ code, id: operation.id, operation })),
);

it.each(problems.filter(({ code, id }) => CAUSES[code].not?.[id] === undefined))(
  'describes $code of $id',
  async ({ code, operation }) => {
    const cause = CAUSES[code].of?.[operation.id] ?? CAUSES[code];
    const { tenant, requests = (valid: Call) => [valid], happen, end } = cause;
    const valid = await validRequest(operation, (await tenant?.()) ?? acme);
    const calls = await requests(valid, operation);
    expect(calls).not.toEqual([]);
    await happen?.(operation);
    try {
      for (const call of calls) {
        const response = await send(operation, call);
        expect(await response.clone().text()).toContain(`"code":"${code}"`);
        await readDocumented(operation, response);
      }
    } finally {
      await end?.();
    }
  },
);
