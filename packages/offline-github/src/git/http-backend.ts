import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { HttpBindings } from '@hono/node-server';
import type { Repository } from '../state/types';
import { gitEnvironment } from './run';
import type { GitStore } from './store';

/** The largest CGI header block that is accepted from git. */
const MAX_HEADER_BYTES = 16_384;

/**
 * Passes one request to `git http-backend` and streams both ways, so that packs are not buffered. The caller has
 * already checked access, so the child process gets no credential. https://git-scm.com/docs/git-http-backend
 */
export async function runHttpBackend(
  store: GitStore,
  repository: Repository,
  { incoming, outgoing }: HttpBindings,
  path: string,
  service: string,
  onFirstChunk: (chunk: Buffer) => void,
): Promise<void> {
  const child = spawn('git', ['http-backend'], {
    stdio: 'pipe',
    env: cgiEnvironment(store, repository, incoming, path, service),
  });
  outgoing.once('close', () => child.kill());
  child.stderr.resume();
  incoming.once('data', onFirstChunk);
  const input = pipeline(incoming, child.stdin).catch(() => undefined);
  try {
    await answer(child, outgoing);
    await input;
  } catch {
    outgoing.destroy();
  }
}

function cgiEnvironment(
  store: GitStore,
  repository: Repository,
  incoming: IncomingMessage,
  path: string,
  service: string,
): NodeJS.ProcessEnv {
  const { headers, method = 'GET' } = incoming;
  const config: [string, string][] = [
    ['http.receivepack', String(service === 'git-receive-pack')],
    ['safe.directory', '*'],
  ];
  const environment: NodeJS.ProcessEnv = {
    ...gitEnvironment(store.home),
    GIT_PROJECT_ROOT: store.root,
    GIT_HTTP_EXPORT_ALL: '1',
    PATH_INFO: `/${repository.id}.git${path}`,
    REQUEST_METHOD: method,
    QUERY_STRING: path === '/info/refs' ? `service=${service}` : '',
    CONTENT_TYPE: headers['content-type'] ?? '',
    GIT_CONFIG_COUNT: String(config.length),
  };
  config.forEach(([key, value], index) => {
    environment[`GIT_CONFIG_KEY_${index}`] = key;
    environment[`GIT_CONFIG_VALUE_${index}`] = value;
  });
  if (headers['content-length']) environment.CONTENT_LENGTH = headers['content-length'];
  if (headers['content-encoding']) environment.HTTP_CONTENT_ENCODING = headers['content-encoding'];
  const protocol = headers['git-protocol'];
  if (typeof protocol === 'string') environment.GIT_PROTOCOL = protocol;
  return environment;
}

/** Reads git's CGI header block, sends it as the response's headers, and pipes the rest as the body. */
async function answer(child: ChildProcessWithoutNullStreams, outgoing: ServerResponse): Promise<void> {
  const { head, rest } = await readHead(child.stdout);
  writeHead(outgoing, head);
  if (rest.length > 0) outgoing.write(rest);
  await pipeline(child.stdout, outgoing);
}

async function readHead(stdout: Readable): Promise<{ head: string; rest: Buffer }> {
  let seen = Buffer.alloc(0);
  for await (const chunk of stdout.iterator({ destroyOnReturn: false })) {
    seen = Buffer.concat([seen, chunk as Buffer]);
    const end = seen.indexOf('\r\n\r\n');
    if (end >= 0) return { head: seen.subarray(0, end).toString('latin1'), rest: seen.subarray(end + 4) };
    if (seen.length > MAX_HEADER_BYTES) break;
  }
  throw new Error('git http-backend sent no header');
}

function writeHead(outgoing: ServerResponse, block: string): void {
  let status = 200;
  for (const line of block.split('\r\n')) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon);
    const value = line.slice(colon + 1).trim();
    if (name.toLowerCase() === 'status') status = Number.parseInt(value, 10);
    else outgoing.setHeader(name, value);
  }
  outgoing.writeHead(status);
}
