/** F10: calls every operation of the API with each id of another workspace, and with one that doesn't exist. */
import { randomUUID } from 'node:crypto';
import { encode } from 'next-auth/jwt';
import { mintInternal } from '../e2e/server/own-server';
import type { Fault, Finding } from './fault';
import { type Connected, connectCustomer, startWorld, type World } from './world/world';

type Kind = 'slug' | 'key' | 'member' | 'invitation' | 'installation' | 'repository' | 'fullName' | 'token';
type Ids = Record<Kind, string>;
type Attempt = {
  name: string;
  method: string;
  kind: Kind;
  url(id: string): string;
  body?: (id: string) => unknown;
};

export const foreignIds: Fault = {
  title: 'A caller uses ids of another workspace',
  run: async ({ say }) => {
    say('starting PostgreSQL, Redis, GitHub and the app…');
    const world = await startWorld({
      env: {
        RATE_LIMIT_USER_PER_MINUTE: '100000',
        RATE_LIMIT_INTERNAL_PER_MINUTE: '100000',
        RECONCILE_INTERVAL_SECONDS: '0',
      },
    });
    try {
      const victim = await connectCustomer(world);
      const caller = await connectCustomer(world, {
        login: 'eve',
        account: 'globex',
        repositories: ['reactor'],
      });
      return [await tryAll(world, victim, caller)];
    } finally {
      await world.close();
    }
  },
};

async function tryAll(world: World, victim: Connected, caller: Connected): Promise<Finding> {
  const ids = await idsOf(world, victim);
  const absent = Object.fromEntries(
    Object.entries(ids).map(([kind, id]) => [kind, absentLike(kind as Kind, id)]),
  ) as Ids;
  const { attempts, operations, unmapped } = await attemptsFor(world, caller, ids);
  const own = await call(world, victim, {
    method: 'POST',
    url: `/api/v1/workspaces/${victim.slug}/github/installations/${ids.installation}/sync`,
  });
  const before = await stateOf(world, victim);
  const different: string[] = [];
  const accepted: string[] = [];
  for (const { name, method, kind, url, body } of attempts) {
    const ask = (id: string) =>
      call(world, caller, { method, url: url(id), ...(body && { body: body(id) }), sent: id });
    const [foreign, missing] = [await ask(ids[kind]), await ask(absent[kind])];
    if (JSON.stringify(foreign) !== JSON.stringify(missing)) different.push(`${name} by ${kind}`);
    if (kind === 'slug' && foreign.status !== 404) accepted.push(`${name} ${foreign.status}`);
  }
  const changed = (await stateOf(world, victim)) !== before;
  return {
    injected: `${attempts.length} requests with an id of another workspace, in path, query and body of ${operations} operations of the OpenAPI document`,
    mustHold: '404, byte for byte as for an id that does not exist',
    observed: `${attempts.length - different.length} of ${attempts.length} answers equal ${different.slice(0, 5).join('; ')}; ${accepted.length} foreign workspaces answered other than 404 ${accepted.slice(0, 3).join('; ')}; ${unmapped.length} routes without ids ${unmapped.join('; ')}; the other workspace is ${changed ? 'changed' : 'unchanged'}; its own owner got ${own.status}`,
    held:
      different.length === 0 &&
      accepted.length === 0 &&
      unmapped.length === 0 &&
      attempts.length >= 30 &&
      !changed &&
      own.status === 200,
  };
}

/** Returns ids of every kind in the workspace. */
async function idsOf(world: World, customer: Connected): Promise<Ids> {
  const invited = await call(world, customer, {
    method: 'POST',
    url: `/api/v1/workspaces/${customer.slug}/members`,
    body: { email: `${randomUUID()}@x.test` },
  });
  const [repository] = await world.query<{ id: string; name: string }>(
    `SELECT id, owner || '/' || name AS name FROM repositories WHERE installation_id = $1 ORDER BY id LIMIT 1`,
    [customer.installationId],
  );
  const [invitation] = await world.query<{ id: string }>('SELECT id FROM invitations LIMIT 1');
  if (invited.status >= 300 || invitation === undefined) throw new Error(`no invitation: ${invited.body}`);
  return {
    slug: customer.slug,
    key: customer.apiKeyId,
    member: customer.ownerId,
    invitation: invitation.id,
    installation: String(customer.installationId),
    repository: repository?.id ?? '',
    fullName: repository?.name ?? '',
    token: (await mintInternal(world.app.url, customer.apiKey)).body.token,
  };
}

/** Returns a well-formed id of the same length that nothing has. */
function absentLike(kind: Kind, id: string): string {
  if (kind === 'installation' || kind === 'repository') return '9'.repeat(id.length);
  if (kind === 'slug') return `nope${id.slice(4)}`;
  if (kind === 'fullName') return id.replace(/[a-z]{2}$/, 'zz');
  return kind === 'token' ? id.replace(/[A-Za-z0-9]{8}$/, 'AAAAAAAA') : randomUUID();
}

const KINDS_IN_PATH: Record<string, Kind[]> = {
  'api-keys': ['key'],
  members: ['member', 'invitation'],
  installations: ['installation'],
};
const KINDS_IN_QUERY: Record<string, Kind> = {
  installation_id: 'installation',
  actor: 'member',
  q: 'fullName',
  repository: 'fullName',
};
const REPOSITORIES: [Kind, (id: string) => unknown][] = [
  ['repository', (id) => ({ repositories: [Number(id)] })],
  ['fullName', (id) => ({ repositories: [id] })],
];
const BODIES: { path: RegExp; valid: object; named: [Kind, (id: string) => unknown][] }[] = [
  {
    path: /\/github\/token$/,
    valid: {},
    named: [...REPOSITORIES, ['installation', (id) => ({ installation_id: Number(id) })]],
  },
  { path: /\/token\/revoke$/, valid: {}, named: [['token', (token) => ({ token })]] },
  {
    path: /\/api-keys$/,
    valid: { name: 'x' },
    named: REPOSITORIES.map(([kind, body]) => [kind, (id) => ({ name: 'x', ...(body(id) as object) })]),
  },
  { path: /\/members$/, valid: { email: 'x@x.test' }, named: [] },
  { path: /\/members\/\{id\}$/, valid: { role: 'member' }, named: [] },
];

type Operation = { parameters?: { name: string; in: string }[]; requestBody?: object };

/** Derives the attempts from the OpenAPI document that the running app publishes. */
async function attemptsFor({ app }: World, caller: Connected, ids: Ids) {
  const response = await fetch(`${app.url}/api/v1/openapi.json`);
  const { paths } = (await response.json()) as { paths: Record<string, Record<string, Operation>> };
  const attempts: Attempt[] = [];
  const unmapped: string[] = [];
  let operations = 0;
  for (const [path, methods] of Object.entries(paths).filter(([each]) => each.startsWith('/api/v1/'))) {
    for (const [name, operation] of Object.entries(methods)) {
      if (!['get', 'post', 'patch', 'put', 'delete'].includes(name)) continue;
      operations++;
      const method = name.toUpperCase();
      const takesBody = method === 'POST' || method === 'PATCH' || method === 'PUT';
      const bodies = takesBody ? BODIES.find((each) => each.path.test(path)) : undefined;
      const kinds = KINDS_IN_PATH[/([\w-]+)\/\{id\}/.exec(path)?.[1] ?? ''] ?? [];
      if (path.includes('{id}') && kinds.length === 0) unmapped.push(`${method} ${path}`);
      const at = (slug: string, id: string) => path.replace('{workspace}', slug).replace('{id}', id);
      const valid = bodies && operation.requestBody ? { body: () => bodies.valid } : {};
      const add = (attempt: Omit<Attempt, 'name' | 'method'>) =>
        attempts.push({ name: `${method} ${path}`, method, ...attempt });
      const known = kinds[0] === undefined ? '' : ids[kinds[0]];
      if (path.includes('{workspace}')) add({ kind: 'slug', url: (slug) => at(slug, known), ...valid });
      for (const kind of kinds) add({ kind, url: (id) => at(caller.slug, id), ...valid });
      for (const { name: field } of (operation.parameters ?? []).filter((each) => each.in === 'query')) {
        const kind = KINDS_IN_QUERY[field];
        const url = (id: string) => `${at(caller.slug, known)}?${field}=${encodeURIComponent(id)}`;
        if (kind !== undefined) add({ kind, url });
      }
      for (const [kind, body] of bodies?.named ?? []) add({ kind, url: () => at(caller.slug, known), body });
    }
  }
  // Read first: a refused attempt with an id is recorded in the caller's own log, where a later filter would find it.
  attempts.sort((a, b) => Number(b.method === 'GET') - Number(a.method === 'GET'));
  return { attempts, operations, unmapped };
}

/** Returns the answer without what always differs: the request id, the date, and the id that was sent. */
async function call(
  { app, env }: World,
  { apiKey, ownerId }: Connected,
  { method, url, body, sent = ' ' }: { method: string; url: string; body?: unknown; sent?: string },
): Promise<{ status: number; headers: [string, string][]; body: string }> {
  const jwt = await encode({ token: { sub: ownerId }, secret: env.NEXTAUTH_SECRET ?? '' });
  const response = await fetch(`${app.url}${url}`, {
    method,
    headers: {
      authorization: `Bearer ${url.includes('/internal/') ? apiKey : jwt}`,
      'x-request-id': 'request',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const id = response.headers.get('x-request-id') ?? ' ';
  const varying = /^(?:date|x-request-id|ratelimit.*|keep-alive)$/;
  return {
    status: response.status,
    headers: [...response.headers].filter(([name]) => !varying.test(name)),
    body: (await response.text()).replaceAll(id, 'REQUEST').replaceAll(sent, 'SENT'),
  };
}

/** Returns everything in the workspace that a request could have changed. */
async function stateOf({ query }: World, { slug }: Connected): Promise<string> {
  const of = (table: string) =>
    query(
      `SELECT md5(string_agg(t::text, '' ORDER BY t::text)) AS rows FROM ${table} t JOIN workspaces w ON w.id = t.workspace_id WHERE w.slug = $1`,
      [slug],
    );
  const tables = ['installations', 'api_keys', 'memberships', 'invitations', 'audit_chains'];
  return JSON.stringify(await Promise.all(tables.map(of)));
}
