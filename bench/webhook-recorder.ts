/**
 * Records what the app's own handler asks of PostgreSQL and GitHub for one delivery, so that a bare server can repeat
 * exactly that. It also records which answers the app waits for before it asks the next thing.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe } from 'node:diagnostics_channel';
import pg from 'pg';
import { Flight, type FlightPart } from '../lib/db/one-flight';

type Settled = { isDone: boolean };

export type Statement = {
  text: string;
  values: unknown[];
  types: pg.QueryConfig['types'];
  /** The name that the app prepares the statement by. */
  name: string | undefined;
  /** The transaction's number; `undefined` for a statement that commits on its own. */
  transaction: number | undefined;
};
export type Call = { origin: string; path: string; headers: Record<string, string> };

export type Step = Settled & {
  /** The positions of the steps that the app had the answers of when it sent this step. */
  after: number[];
  asks: { statement: Statement } | { flight: readonly FlightPart[] } | { call: Call };
};

export type Recording = {
  steps: Step[];
  /** Times that the database has returned as `at`. The app passes them to later statements. */
  times: number[];
};

type Recorder = Recording & { transactions: Map<unknown, number>; begun: number };
const recorder = new AsyncLocalStorage<Recorder>();

/** Records what `work` asks for. Returns its steps in the order in which they were sent. */
export async function record(work: () => Promise<unknown>): Promise<Recording> {
  const recording: Recorder = { steps: [], times: [], transactions: new Map(), begun: 0 };
  await recorder.run(recording, work);
  return recording;
}

function keep({ steps }: Recorder, asks: Step['asks']): Step {
  const after = steps.flatMap(({ isDone }, at) => (isDone ? [at] : []));
  const step = { isDone: false, after, asks };
  steps.push(step);
  return step;
}

const sendStatement = pg.Client.prototype.query as (...args: unknown[]) => unknown;
pg.Client.prototype.query = function (this: unknown, ...args: unknown[]) {
  const recording = recorder.getStore();
  if (recording === undefined) return sendStatement.apply(this, args);
  const [asked] = args;
  const step = keep(
    recording,
    asked instanceof Flight ? { flight: asked.parts } : { statement: read(recording, this, args) },
  );
  const settle = (result?: pg.QueryResult) => {
    step.isDone = true;
    const at: unknown = result?.rows?.[0]?.at;
    if (at instanceof Date) recording.times.push(at.getTime());
  };
  const callback = args.findIndex((each) => typeof each === 'function');
  if (callback === -1) {
    const sent = sendStatement.apply(this, args) as Promise<pg.QueryResult>;
    sent.then(settle, () => settle());
    return sent;
  }
  const answer = args[callback] as (error: unknown, result?: pg.QueryResult) => void;
  args[callback] = (error: unknown, result?: pg.QueryResult) => {
    settle(result);
    answer(error, result);
  };
  return sendStatement.apply(this, args);
} as typeof pg.Client.prototype.query;

function read(recording: Recorder, client: unknown, [first, second]: unknown[]): Statement {
  const asked = (typeof first === 'string' ? { text: first, values: second } : first) as pg.QueryConfig;
  const { transactions } = recording;
  if (asked.text.startsWith('BEGIN')) {
    transactions.set(client, recording.begun);
    recording.begun += 1;
  }
  const transaction = transactions.get(client);
  if (asked.text === 'COMMIT') transactions.delete(client);
  const values = Array.isArray(asked.values) ? [...asked.values] : [];
  return { text: asked.text, values, types: asked.types, name: asked.name, transaction };
}

type Request = { origin: string; path: string; method: string; headers: string[] };
const calls = new WeakMap<Request, Step>();

subscribe('undici:request:create', (message) => {
  const recording = recorder.getStore();
  if (recording === undefined) return;
  const { request } = message as { request: Request };
  const { origin, path, method, headers } = request;
  if (method !== 'GET') throw new Error(`a delivery called ${method} ${path}, which cannot be repeated`);
  const pairs = headers.flatMap((name, at) => (at % 2 === 0 ? [[name, headers[at + 1] ?? '']] : []));
  // Undici adds this one itself.
  const kept = Object.fromEntries(pairs.filter(([name = '']) => name.toLowerCase() !== 'host'));
  calls.set(request, keep(recording, { call: { origin, path, headers: kept } }));
});
subscribe('undici:request:trailers', (message) => {
  const step = calls.get((message as { request: Request }).request);
  if (step !== undefined) step.isDone = true;
});
