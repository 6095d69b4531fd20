/** Generates load in its own process, by repeating one request on connections that stay open. */
import { createHmac, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'undici';
import { serveTasks } from './process';
import { numberedBody } from './webhook-kinds';

export interface LoadTask {
  url: string;
  method: 'GET' | 'POST';
  headers?: Record<string, string>;
  body?: string;
  /**
   * Turns each request into a signed GitHub delivery with its own id. The placeholder in the payload starts at `from`
   * and increases by one each time.
   */
  deliveries?: { secret: string; from: number };
  /** The number of connections. Each one sends its next request once it has received the previous response. */
  connections: number;
  /** After this time no request is sent, except the first one of each connection. */
  seconds: number;
  /**
   * The target request rate. If set, latency is measured from when a request was due, not from when it was sent.
   */
  perSecond?: number;
  /** The number of requests after which to stop before the time is up. */
  most?: number;
}

export interface LoadResult {
  perSecond: number;
  /** The latency of each response, in milliseconds. */
  latencies: number[];
  /** The number of responses by status. */
  statuses: Record<string, number>;
}

async function load(task: LoadTask): Promise<LoadResult> {
  const latencies: number[] = [];
  const statuses: Record<string, number> = {};
  const started = performance.now();
  const end = started + task.seconds * 1000;
  const { most = Number.POSITIVE_INFINITY } = task;
  const { origin } = new URL(task.url);
  let sent = 0;
  const sendUntilEnd = async (): Promise<void> => {
    const connection = new Client(origin);
    // Checks the time only after the first request, so that on a busy machine too a short time has a figure.
    let sentOne = false;
    for (let due = performance.now(); sent < most && (due < end || !sentOne); due = performance.now()) {
      sentOne = true;
      const number = sent;
      sent += 1;
      if (task.perSecond !== undefined) {
        due = started + (number * 1000) / task.perSecond;
        await sleep(Math.max(0, due - performance.now()));
      }
      const status = await send(numbered(task, number), connection);
      latencies.push(performance.now() - due);
      statuses[status] = (statuses[status] ?? 0) + 1;
    }
    await connection.destroy();
  };
  await Promise.all(Array.from({ length: task.connections }, sendUntilEnd));
  const seconds = (performance.now() - started) / 1000;
  return { perSecond: latencies.length / seconds, latencies, statuses };
}

function numbered(task: LoadTask, number: number): LoadTask {
  if (task.deliveries === undefined || task.body === undefined) return task;
  const { secret, from } = task.deliveries;
  const body = numberedBody(task.body, from + number);
  const headers = {
    ...task.headers,
    'x-github-delivery': randomUUID(),
    'x-hub-signature-256': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
  };
  return { ...task, headers, body };
}

/**
 * Sends a request and discards the response's body. Node's own client takes twice the CPU time, which the app would have
 * to share the machine with.
 *
 * @returns the response's status, once the whole response has arrived
 */
function send({ url, method, headers, body }: LoadTask, connection: Client): Promise<number> {
  const { pathname, search } = new URL(url);
  return new Promise((resolve, reject) => {
    let status = 0;
    connection.dispatch(
      { path: `${pathname}${search}`, method, headers: headers ?? {}, body: body ?? null },
      {
        onRequestStart: () => {},
        onResponseStart: (_controller, statusCode) => {
          status = statusCode;
        },
        onResponseData: () => {},
        onResponseEnd: () => resolve(status),
        onResponseError: (_controller, error) => reject(error),
      },
    );
  });
}

serveTasks(load);
