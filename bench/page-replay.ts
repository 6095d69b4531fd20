/** Serves recorded documents again, so that a browser's own share of a page's paint can be measured. */
import { once } from 'node:events';
import { createServer, get, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

type Recorded = { status: number; headers: IncomingHttpHeaders; body: Buffer };

export interface PageReplay {
  url: string;
  /** Fetches a document from the app, as a browser with this cookie does. From then on, `url` serves the same bytes. */
  record(path: string, cookie: string): Promise<void>;
  close(): Promise<void>;
}

/** Headers that the bare server writes by itself. */
const OWN_HEADERS = ['connection', 'keep-alive', 'transfer-encoding', 'content-length'];

/** Starts a bare server. It fetches each script, style and font from the app once, and then serves it from memory. */
export async function startPageReplay(appUrl: string): Promise<PageReplay> {
  const responses = new Map<string, Promise<Recorded>>();
  const server = createServer(async (request, response) => {
    const path = request.url ?? '/';
    if (!responses.has(path)) responses.set(path, fetchOnce(`${appUrl}${path}`, {}));
    const { status, headers, body } = await (responses.get(path) as Promise<Recorded>);
    for (const [name, value] of Object.entries(headers))
      if (value !== undefined && !OWN_HEADERS.includes(name)) response.setHeader(name, value);
    response.writeHead(status, { 'content-length': body.length });
    response.end(body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    record: async (path, cookie) => {
      const document = fetchOnce(`${appUrl}${path}`, cookie === '' ? {} : { cookie });
      responses.set(path, document);
      await document;
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Fetches a response without decompressing it. `fetch` always decompresses. */
async function fetchOnce(url: string, headers: Record<string, string>): Promise<Recorded> {
  const request = get(url, { headers: { ...headers, 'accept-encoding': 'gzip', accept: 'text/html,*/*' } });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  const body = Buffer.concat(await response.toArray());
  return { status: response.statusCode ?? 500, headers: response.headers, body };
}
