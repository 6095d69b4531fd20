/**
 * Serves single routes without Next. For a small response, Next's own work takes as much CPU time as all of a mint's
 * (docs/decisions/0017-mints-bypass-next.md).
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { NextRequest } from 'next/server';
import { onePerProcess } from '../async';
import { finishBeforeExit } from '../background';
import { log } from '../observability/log';
import { API, EVERYWHERE } from './constant-headers.mjs';

/** The method and the path of a route without path parameters. */
export type DirectTarget = `POST /api/${string}`;

/**
 * A response as plain data, which costs less than a `Response` with its web stream. The names of its headers are in
 * lower case.
 */
export type Reply = { status: number; headers: Record<string, string>; body: string | null };

/** Runs work after the response. */
export type Later = (work: () => Promise<unknown>) => void;

type Handler = (
  request: NextRequest,
  next: { params: Promise<undefined> },
  later: Later,
) => Promise<Reply | Response>;

const handlers = onePerProcess('direct routes', () => new Map<string, Handler>());

/**
 * Makes {@link answerDirectly} serve this route. The route's module calls this when it is evaluated, which happens before
 * the process is ready (`lib/server/load-entries.ts`).
 */
export function serveDirectly(target: DirectTarget, handler: Handler): void {
  handlers().set(target, handler);
}

/**
 * Responds to a request whose method and target are exactly those of a direct route. With a query string or in another
 * spelling, the same route is served by Next.
 *
 * @returns `false` if Next must respond
 */
export function answerDirectly(incoming: IncomingMessage, outgoing: ServerResponse): boolean {
  const handler = handlers().get(`${incoming.method} ${incoming.url}`);
  if (handler === undefined) return false;
  respond(handler, incoming, outgoing).catch((error: unknown) => {
    log.error({ err: error }, 'a request could not be answered');
    outgoing.destroy();
  });
  return true;
}

const CONSTANT_HEADERS = { ...EVERYWHERE, ...API };
const NO_PARAMETERS = { params: Promise.resolve(undefined) };

async function respond(handler: Handler, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const later: Parameters<Later>[0][] = [];
  try {
    const reply = await handler(toRequest(incoming), NO_PARAMETERS, (work) => later.push(work));
    const { status, headers, body } =
      reply instanceof Response
        ? { status: reply.status, headers: Object.fromEntries(reply.headers), body: await reply.text() }
        : reply;
    const bytes = Buffer.from(body ?? '');
    outgoing
      .writeHead(status, { ...CONSTANT_HEADERS, 'content-length': bytes.byteLength, ...headers })
      .end(bytes);
  } finally {
    // Even if the response could not be sent: what the work belongs to is committed.
    for (const work of later) finishBeforeExit(Promise.resolve().then(work));
  }
}

/** Returns what `route()` reads of a request that has neither a query string nor cookies. */
function toRequest(incoming: IncomingMessage): NextRequest {
  const { headers, method, url } = incoming;
  const get = (name: string): string | null => {
    const value = headers[name.toLowerCase()];
    return value === undefined ? null : Array.isArray(value) ? value.join(', ') : value;
  };
  const hasBody = headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
  const request = {
    method,
    url,
    nextUrl: { pathname: url },
    headers: { get },
    body: hasBody ? { getReader: () => readerOf(incoming) } : null,
  };
  return request as unknown as NextRequest;
}

type Chunk = { done: false; value: Buffer } | { done: true; value: undefined };
const END: Chunk = { done: true, value: undefined };

/**
 * Reads a body by chunks, as the reader of a web stream does, but without creating such a stream. Rejects with a plain
 * error: a `Problem` of this copy of the module is none to a route, because Next loads the module for each separately.
 */
function readerOf(incoming: IncomingMessage) {
  let endRead = () => {};
  const read = () =>
    new Promise<Chunk>((resolve, reject) => {
      const fail = () => reject(new Error('the client closed the connection'));
      if (incoming.readableEnded) return resolve(END);
      if (incoming.destroyed) return fail();
      const stop = () => incoming.off('data', keep).off('end', endRead).off('error', lose).off('close', lose);
      const keep = (value: Buffer) => {
        incoming.pause();
        stop();
        resolve({ done: false, value });
      };
      const lose = () => {
        stop();
        fail();
      };
      endRead = () => {
        stop();
        resolve(END);
      };
      incoming.on('data', keep).on('end', endRead).on('error', lose).on('close', lose).resume();
    });
  const cancel = async () => {
    endRead();
    // Discard the rest. Otherwise the connection would stay blocked after the response.
    incoming.resume();
  };
  return { read, cancel };
}
