/**
 * Does what a mint asks of PostgreSQL, Redis and GitHub, and nothing else, in its own process. It first mints through
 * the app's real handler, and records the statements, the script and the call to GitHub with their values. Then it
 * repeats what it recorded, so the parts are always those of a real mint.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { NextRequest } from 'next/server';
import pg, { type QueryConfig } from 'pg';
import { POST } from '../app/api/v1/internal/github/token/route';
import { Bulkhead } from '../lib/async';
import { getPool, LANES } from '../lib/db/pool';
import { fetchShort } from '../lib/github/connections';
import { serveTasks } from './process';

export type PartsTask = { loop: string; connections: number; seconds: number } | { loop?: undefined };

/** The answer to a task without a loop. */
export interface PartsServer {
  url: string;
  /** Names of the parts, in a mint's order. */
  parts: string[];
}

/** How long one run of a part keeps this process busy, in microseconds. */
export type PartsResult = { cpuUs: number };

type Part = { name: string; run: () => Promise<unknown> };

const { BENCH_API_KEY = '' } = process.env;

const recorder = new AsyncLocalStorage<Part[]>();
const keep = (part: Part): void => void recorder.getStore()?.push(part);

const PASSED_ON = ['text', 'values', 'types', 'name', 'rowMode', 'query_timeout'] as const;
const sendStatement = pg.Client.prototype.query as (...args: unknown[]) => unknown;
pg.Client.prototype.query = function (this: unknown, ...args: unknown[]) {
  const [first, values] = args;
  const asked = (typeof first === 'string' ? { text: first, values } : first) as Record<string, unknown>;
  // Copy the fields now, because `pg` adds the callback of this query to the object.
  const statement = Object.fromEntries(
    PASSED_ON.flatMap((name) => (asked[name] === undefined ? [] : [[name, asked[name]]])),
  ) as unknown as QueryConfig;
  const send = () => getPool('mint').query({ ...statement });
  const isWrite = /^\s*INSERT/i.test(statement.text);
  keep(
    isWrite
      ? { name: 'the audit row', run: () => inTurn(send) }
      : { name: `statement ${statement.text.slice(0, 6)}`, run: send },
  );
  return sendStatement.apply(this, args);
} as typeof pg.Client.prototype.query;

/** The app lets this many inserts of a workspace wait for its chain, so that others keep their connections. */
const slots = new Bulkhead({ inAll: LANES.mint.connections - 2, each: 2 });

async function inTurn(send: () => Promise<unknown>): Promise<unknown> {
  const leave = await slots.enter('the workspace', 60_000);
  try {
    return await send();
  } finally {
    leave?.();
  }
}

const sendCommand = Redis.prototype.sendCommand;
Redis.prototype.sendCommand = function (this: Redis, command, stream) {
  const [name, args] = [command.name, command.args.map(String)];
  keep({ name: `Redis ${name}`, run: () => this.call(name, ...args) });
  return sendCommand.call(this, command, stream);
};

type Created = {
  request: { origin: string; path: string; method: 'POST'; headers: string[]; body: Buffer | string | null };
};
subscribe('undici:request:create', (message) => {
  const { origin, path, method, headers, body } = (message as Created).request;
  // Undici adds these two itself.
  const names = new Set(['content-length', 'host']);
  const sent = headers.flatMap((value, at) => (at % 2 === 0 ? [[value, headers[at + 1] ?? '']] : []));
  const kept = Object.fromEntries(sent.filter(([name = '']) => !names.has(name.toLowerCase())));
  const text = body === null ? null : body.toString();
  keep({
    name: 'the call to GitHub',
    run: async () =>
      (await fetchShort(`${origin}${path}`, { method, headers: kept, ...(text && { body: text }) })).text(),
  });
});

async function mint(): Promise<{ parts: Part[]; answer: string }> {
  const request = new NextRequest('http://localhost/api/v1/internal/github/token', {
    method: 'POST',
    headers: {
      authorization: `Bearer ${BENCH_API_KEY}`,
      'content-type': 'application/json',
      // The app's server adds this header to each request.
      'x-forwarded-for': '127.0.0.1',
    },
    body: '{}',
  });
  const parts: Part[] = [];
  const response = await recorder.run(parts, () => POST(request, { params: Promise.resolve(undefined) }));
  const answer = await response.text();
  if (response.status !== 201) throw new Error(`the recorded mint answered ${response.status}: ${answer}`);
  return { parts, answer };
}

const EXPECTED = [/^Redis/, /^statement/, /^the call to GitHub$/, /^the audit row$/];

/**
 * Mints until a mint has used everything. The first mint sends more than later ones do: it loads the script and notes the
 * key's use. And if Redis is slow to answer, as on a busy machine, the app counts without it for a second.
 *
 * @throws if no mint did
 */
async function recordMint(): Promise<{ parts: Part[]; answer: string }> {
  await mint();
  for (let tries = 0; tries < 10; tries += 1) {
    const recorded = await mint();
    if (EXPECTED.every((name) => recorded.parts.some((part) => name.test(part.name)))) return recorded;
    await sleep(1500);
  }
  throw new Error('no mint used PostgreSQL, Redis and GitHub');
}

const { parts, answer } = await recordMint();

const server = createServer((incoming, outgoing) => {
  incoming.resume();
  incoming.on('end', async () => {
    for (const { run } of parts) await run();
    outgoing.writeHead(201, { 'content-type': 'application/json' }).end(answer);
  });
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');

async function loop(name: string, connections: number, seconds: number): Promise<PartsResult> {
  const part = parts.find((each) => each.name === name);
  if (part === undefined) throw new Error(`a mint has no part by the name of ${name}`);
  const end = performance.now() + seconds * 1000;
  const before = process.cpuUsage();
  let runs = 0;
  const runUntilEnd = async (): Promise<void> => {
    do {
      await part.run();
      runs += 1;
    } while (performance.now() < end);
  };
  await Promise.all(Array.from({ length: connections }, runUntilEnd));
  const { user, system } = process.cpuUsage(before);
  return { cpuUs: (user + system) / runs };
}

serveTasks<PartsTask>(async (task) => {
  if (task.loop !== undefined) return loop(task.loop, task.connections, task.seconds);
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, parts: parts.map(({ name }) => name) } satisfies PartsServer;
});
