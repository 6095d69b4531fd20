/**
 * Does what a delivery asks of PostgreSQL and GitHub, and nothing else, in its own process. It first applies deliveries
 * by the app's real code, and records what that asks for. Then it repeats that for other installations. So nothing is
 * verified, parsed or decided, and the effects are still real.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { PoolClient, QueryConfig, QueryResult } from 'pg';
import { Flight, type FlightPart } from '../lib/db/one-flight';
import { getPool, writeTogether } from '../lib/db/pool';
import { fetchShort } from '../lib/github/connections';
import { receiveDelivery } from '../lib/webhooks/receive';
import { serveTasks } from './process';
import {
  bodyOf,
  EFFECT_NAMES,
  EFFECTS,
  type EffectName,
  FIRST_IDS,
  numberedBody,
  workspaceOf,
} from './webhook-kinds';
import { type Call, type Recording, record, type Statement, type Step } from './webhook-recorder';

/** Ids of the workspaces, in the order of `workspaceOf`. */
export type WebhookPartsTask = { workspaces: string[] };

export interface WebhookParts {
  /** The server's URL. The path is an effect's name. */
  url: string;
  /** Stands in the audit rows of all recorded and repeated deliveries. */
  requestId: string;
  /** The next delivery's installation, by effect. */
  next: Record<EffectName, number>;
  /** Describes what one delivery asks for, by effect. */
  steps: Record<EffectName, string>;
}

/** The values of one delivery that differ from those of another. */
type Own = { delivery: string; fingerprint: Uint8Array; id: number; workspace: string; at?: Date };
type Recorded = Recording & { own: Own };

const requestId = randomUUID();
const next = Object.fromEntries(EFFECT_NAMES.map((name) => [name, FIRST_IDS[`${name} floor`]])) as Record<
  EffectName,
  number
>;
const recorded = new Map<EffectName, Recorded>();
let workspaces: string[] = [];

function takeOwn(name: EffectName): Own {
  const id = next[name];
  next[name] += 1;
  const workspace = workspaces[workspaceOf(id)] ?? '';
  return { delivery: randomUUID(), fingerprint: randomBytes(32), id, workspace };
}

async function recordDelivery(name: EffectName): Promise<Recorded> {
  const own = takeOwn(name);
  const recording = await record(() =>
    receiveDelivery({
      id: own.delivery,
      event: EFFECTS[name].event,
      body: Buffer.from(numberedBody(bodyOf(EFFECTS[name]), own.id)),
      origin: { requestId, clientIp: '127.0.0.1', userAgent: null },
    }),
  );
  return { ...recording, own };
}

/** Returns the value to send in place of a recorded one. */
function renew(value: unknown, { own: old, times }: Recorded, own: Own): unknown {
  if (value === old.delivery) return own.delivery;
  if (value === old.workspace) return own.workspace;
  if (value instanceof Uint8Array && value.length === old.fingerprint.length) return own.fingerprint;
  if (value instanceof Date && times.includes(value.getTime())) return own.at;
  if (Array.isArray(value)) return value.map((each) => (String(each) === String(old.id) ? own.id : each));
  return String(value) === String(old.id) ? own.id : value;
}

/**
 * Reads that are under way, by what they read. Concurrent deliveries share them, as they do in the app: the question for
 * the App, and that for an installation's workspace.
 */
const shared = new Map<string, Promise<unknown>>();

function share(what: string, read: () => Promise<unknown>): Promise<unknown> {
  const found = shared.get(what) ?? read().finally(() => shared.delete(what));
  shared.set(what, found);
  return found;
}

function call({ origin, path, headers }: Call, old: Own, own: Own): Promise<unknown> {
  const renewed = path.replace(String(old.id), String(own.id));
  const send = async () => (await fetchShort(`${origin}${renewed}`, { method: 'GET', headers })).text();
  return renewed === path ? share(path, send) : send();
}

type Replay = { recording: Recorded; own: Own; clients: Map<number, PoolClient> };

async function send(statement: Statement, replay: Replay): Promise<unknown> {
  const { recording, own, clients } = replay;
  const { text, values, types, name, transaction } = statement;
  const asked = {
    text,
    values: values.map((value) => renew(value, recording, own)),
    ...(types && { types }),
    ...(name && { name }),
  };
  if (transaction === undefined) {
    const run = () => getPool('work').query(asked);
    const result = await (/^\s*SELECT/.test(text) ? share(text, run) : run());
    const at: unknown = (result as QueryResult).rows[0]?.at;
    if (at instanceof Date) own.at = at;
    return;
  }
  const client = clients.get(transaction);
  if (client !== undefined) writeTogether(client);
  // Without values it's a simple query, which may hold several statements, as the app's BEGIN does.
  return client?.query(values.length === 0 ? text : asked);
}

function fly(parts: readonly FlightPart[], { recording, own }: Replay): Promise<unknown> {
  const renewed = parts.map((part) => ({
    ...part,
    values: part.values.map((value) => renew(value, recording, own)),
  }));
  return getPool('work').query(new Flight(renewed) as unknown as QueryConfig);
}

function ask(asks: Step['asks'], replay: Replay): Promise<unknown> {
  if ('statement' in asks) return send(asks.statement, replay);
  if ('flight' in asks) return fly(asks.flight, replay);
  return call(asks.call, replay.recording.own, replay.own);
}

/** Repeats a delivery for another installation. */
async function repeat(recording: Recorded, own: Own): Promise<void> {
  const replay: Replay = { recording, own, clients: new Map() };
  const answers: Promise<unknown>[] = [];
  for (const { after, asks } of recording.steps) {
    await Promise.all(after.map((at) => answers[at]));
    if ('statement' in asks && asks.statement.text.startsWith('BEGIN')) {
      const client = Object.assign(await getPool('work').connect(), { pipeline: true });
      replay.clients.set(asks.statement.transaction ?? 0, client);
    }
    const answer = ask(asks, replay);
    // The failure is thrown below. Until then it must not count as unhandled.
    answer.catch(() => {});
    answers.push(answer);
  }
  await Promise.all(answers);
  for (const client of replay.clients.values()) {
    Object.assign(client, { pipeline: false });
    client.release();
  }
}

const server = createServer((incoming, outgoing) => {
  const name = incoming.url?.slice(1) as EffectName;
  incoming.resume();
  incoming.on('end', async () => {
    const recording = recorded.get(name);
    try {
      if (recording === undefined) throw new Error(`nothing is recorded by the name of ${name}`);
      await repeat(recording, takeOwn(name));
      outgoing.writeHead(202, { 'content-type': 'application/json' }).end('{"outcome":"handled"}');
    } catch (error) {
      console.error(error);
      outgoing.writeHead(500).end();
    }
  });
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');

function summarize({ steps }: Recorded): string {
  const calls = steps.filter(({ asks }) => 'call' in asks).length;
  const flown = steps.flatMap(({ asks }) => ('flight' in asks ? [asks.flight.length] : []));
  const statements = steps.length - calls - flown.length + flown.reduce((sum, each) => sum + each, 0);
  return `${statements} statements and ${calls} calls`;
}

serveTasks<WebhookPartsTask>(async (task) => {
  workspaces = task.workspaces;
  if (recorded.size === 0)
    for (const name of EFFECT_NAMES) {
      // The first delivery also opens connections.
      await recordDelivery(name);
      recorded.set(name, await recordDelivery(name));
    }
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const steps = Object.fromEntries([...recorded].map(([name, each]) => [name, summarize(each)]));
  return { url, requestId, next, steps } as WebhookParts;
});
