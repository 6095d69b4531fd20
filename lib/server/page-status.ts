/**
 * Lets a page choose its status and still be rendered on the server. `notFound()` sets the status too, but then Next
 * sends an empty document, and the browser renders the message once all scripts have run.
 */
import { channel, subscribe } from 'node:diagnostics_channel';
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Messages cross from the pages' bundle to the server's, which don't share module variables. */
const CHANNEL = 'pulsestream.page-status';

type PageStatus = { requestId: string; status: number };

/** Open responses to documents, by request id. */
const open = new Map<string, ServerResponse>();

/** The request ids in `open`, by connection. */
const idsOf = new WeakMap<Socket, Set<string>>();

/** Sets the status of the document that is being rendered. Does nothing for data of a client navigation. */
export function setPageStatus(requestId: string, status: number): void {
  channel(CHANNEL).publish({ requestId, status } satisfies PageStatus);
}

/**
 * Remembers a response until it or its connection closes, so that its page can set the status. The response to a
 * pipelined request emits no `close` if the connection closes before its turn.
 */
export function rememberPage(requestId: string, response: ServerResponse): void {
  const ids = idsOfConnection(response.req.socket);
  ids.add(requestId);
  open.set(requestId, response);
  response.once('close', () => {
    ids.delete(requestId);
    open.delete(requestId);
  });
}

/** Returns the ids of a connection's open documents. They are forgotten when the connection closes. */
function idsOfConnection(socket: Socket): Set<string> {
  const known = idsOf.get(socket);
  if (known !== undefined) return known;
  const ids = new Set<string>();
  idsOf.set(socket, ids);
  socket.once('close', () => {
    for (const id of ids) open.delete(id);
  });
  return ids;
}

export function applyPageStatus(): void {
  subscribe(CHANNEL, (message) => {
    const { requestId, status } = message as PageStatus;
    const response = open.get(requestId);
    if (response !== undefined && !response.headersSent) response.statusCode = status;
  });
}
