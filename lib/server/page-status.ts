/**
 * Lets a page choose its status and still be rendered on the server. `notFound()` sets the status too, but then Next
 * sends an empty document, and the browser renders the message once all scripts have run.
 */
import { channel, subscribe } from 'node:diagnostics_channel';
import type { ServerResponse } from 'node:http';

/** Messages cross from the pages' bundle to the server's, which don't share module variables. */
const CHANNEL = 'pulsestream.page-status';

type PageStatus = { requestId: string; status: number };

/** Open responses to documents, by request id. */
const open = new Map<string, ServerResponse>();

/** Sets the status of the document that is being rendered. Does nothing for data of a client navigation. */
export function setPageStatus(requestId: string, status: number): void {
  channel(CHANNEL).publish({ requestId, status } satisfies PageStatus);
}

/** Remembers a response until it closes, so that its page can set the status. */
export function rememberPage(requestId: string, response: ServerResponse): void {
  open.set(requestId, response);
  response.once('close', () => open.delete(requestId));
}

export function applyPageStatus(): void {
  subscribe(CHANNEL, (message) => {
    const { requestId, status } = message as PageStatus;
    const response = open.get(requestId);
    if (response !== undefined && !response.headersSent) response.statusCode = status;
  });
}
