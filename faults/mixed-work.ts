/** Work of every kind, each at its own steady pace, for the mixed load of F12. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { encode } from 'next-auth/jwt';
import { signDelivery } from 'offline-github/testing';
import { mintInternal } from '../e2e/server/own-server';
import type { Connected, World } from './world/world';

interface Running {
  /** The number of requests so far. */
  done(): number;
  /** Ends the work. Resolves when the requests in flight have ended. */
  stop(): Promise<{ counts: Record<string, number>; errors: string[] }>;
}

/** Starts the work. A response with an unexpected status is an error, and so is one that doesn't come. */
export async function mixedWork(world: World, customers: readonly Connected[]): Promise<Running> {
  const counts: Record<string, number> = {};
  const errors: string[] = [];
  let isOver = false;
  const loops = (await kindsOfWork(world, customers)).map(async ({ name, everyMs, work }) => {
    counts[name] = 0;
    for (let due = performance.now(); !isOver; due += everyMs) {
      await sleep(Math.max(0, due - performance.now()));
      try {
        const answer = await work(counts[name] ?? 0);
        if (answer !== undefined) errors.push(`${name}: ${answer}`);
      } catch (error) {
        errors.push(`${name}: ${error instanceof Error ? error.message : error}`);
      }
      counts[name] = (counts[name] ?? 0) + 1;
      // After a pause, continue at the pace, and don't catch up in a burst.
      due = Math.max(due, performance.now() - everyMs);
    }
  });
  return {
    done: () => Object.values(counts).reduce((sum, count) => sum + count, 0),
    stop: async () => {
      isOver = true;
      await Promise.all(loops);
      return { counts, errors };
    },
  };
}

/** One kind of work. It returns what was wrong, or nothing. */
type Work = { name: string; everyMs: number; work(turn: number): Promise<string | undefined> };

async function kindsOfWork(world: World, customers: readonly Connected[]): Promise<Work[]> {
  const { app, env, github } = world;
  const settings = await github.app();
  const of = (turn: number): Connected => customers[turn % customers.length] as Connected;
  const jwts = new Map<string, string>();
  for (const { ownerId } of customers)
    jwts.set(ownerId, await encode({ token: { sub: ownerId }, secret: env.NEXTAUTH_SECRET ?? '' }));
  const ask = async (
    customer: Connected,
    path: string,
    wanted: number,
    init: { method?: string; body?: object; as?: 'key' | 'cookie' } = {},
  ): Promise<{ wrong: string | undefined; text: string }> => {
    const jwt = jwts.get(customer.ownerId);
    const response = await fetch(`${app.url}${path}`, {
      method: init.method ?? 'GET',
      headers: {
        ...(init.as === 'cookie'
          ? { cookie: `next-auth.session-token=${jwt}` }
          : { authorization: `Bearer ${init.as === 'key' ? customer.apiKey : jwt}` }),
        ...(init.body && { 'content-type': 'application/json' }),
      },
      ...(init.body && { body: JSON.stringify(init.body) }),
    });
    const text = await response.text();
    const isRight = response.status === wanted;
    return { wrong: isRight ? undefined : `${response.status} ${text.slice(0, 100)}`, text };
  };
  const api = ({ slug }: Connected) => `/api/v1/workspaces/${slug}`;
  const pages = ['settings/github', 'audit-log', 'settings/api-keys', 'settings/members'];
  return [
    {
      name: 'mints with a revocation',
      everyMs: 100,
      work: async (turn) => {
        const { status, body } = await mintInternal(app.url, of(turn).apiKey);
        if (status !== 201) return `${status} ${body.code}`;
        const path = '/api/v1/internal/github/token/revoke';
        const given = { method: 'POST', as: 'key', body: { token: body.token } } as const;
        return (await ask(of(turn), path, 204, given)).wrong;
      },
    },
    {
      name: 'signed deliveries',
      everyMs: 100,
      work: async (turn) => {
        const payload = { action: 'created', installation: { id: of(turn).installationId } };
        const { headers, body } = signDelivery(settings, 'star', payload);
        const response = await fetch(`${app.url}/api/github/webhooks`, { method: 'POST', headers, body });
        await response.arrayBuffer();
        return response.status === 202 ? undefined : String(response.status);
      },
    },
    {
      name: 'changes at GitHub',
      everyMs: 1_000,
      work: async (turn) => {
        const repository = turn % 2 === 0 ? 'acme/api' : 'globex/reactor';
        if (turn % 4 < 2) await github.actions.archiveRepository({ repository });
        else await github.actions.unarchiveRepository({ repository });
        return undefined;
      },
    },
    {
      name: 'pages',
      everyMs: 500,
      work: async (turn) => {
        const path = `/w/${of(turn).slug}/${pages[Math.floor(turn / 2) % pages.length]}`;
        return (await ask(of(turn), path, 200, { as: 'cookie' })).wrong;
      },
    },
    {
      name: 'exports',
      everyMs: 5_000,
      work: async (turn) => {
        const format = turn % 4 < 2 ? 'ndjson' : 'csv';
        return (await ask(of(turn), `${api(of(turn))}/audit-events?format=${format}`, 200)).wrong;
      },
    },
    {
      name: 'verifications',
      everyMs: 10_000,
      work: async (turn) => {
        const { wrong, text } = await ask(of(turn), `${api(of(turn))}/audit-events/verify`, 200);
        return wrong ?? (text.includes('"ok":true') ? undefined : `the chain is broken: ${text}`);
      },
    },
    {
      name: 'syncs',
      everyMs: 5_000,
      work: async (turn) => {
        const path = `${api(of(turn))}/github/installations/${of(turn).installationId}/sync`;
        return (await ask(of(turn), path, 200, { method: 'POST' })).wrong;
      },
    },
    {
      name: 'keys made and revoked',
      everyMs: 10_000,
      work: async (turn) => {
        const path = `${api(of(turn))}/api-keys`;
        const body = { name: `soak-${randomUUID().slice(0, 8)}` };
        const { wrong, text } = await ask(of(turn), path, 201, { method: 'POST', body });
        if (wrong !== undefined) return wrong;
        return (await ask(of(turn), `${path}/${JSON.parse(text).id}`, 204, { method: 'DELETE' })).wrong;
      },
    },
  ];
}
