/** A proxy between git and the offline GitHub that holds back a clone, so that a test can look at it meanwhile. */
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll } from 'vitest';

export interface HoldingProxy {
  /** The variables that make git use the proxy. */
  env: Record<string, string>;
  /** Resolves with the token when git requests a pack. The request waits until `release`. */
  arrived: Promise<string>;
  release(): void;
}

export async function startHoldingProxy(): Promise<HoldingProxy> {
  let arrive: (token: string) => void = () => {};
  let release: () => void = () => {};
  const arrived = new Promise<string>((resolve) => {
    arrive = resolve;
  });
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const proxy = createServer(async (incoming, outgoing) => {
    const { url = '', method, headers } = incoming;
    if (url.endsWith('/git-upload-pack')) {
      arrive(tokenOf(headers.authorization));
      await released;
    }
    const forwarded = request(url, { method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    forwarded.on('error', () => outgoing.destroy());
    incoming.pipe(forwarded);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  afterAll(() => {
    release();
    proxy.close();
    proxy.closeAllConnections();
  });
  const env = {
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: 'http.proxy',
    GIT_CONFIG_VALUE_0: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
  };
  return { env, arrived, release };
}

function tokenOf(authorization = ''): string {
  const basic = Buffer.from(authorization.replace(/^Basic /, ''), 'base64').toString();
  return basic.slice(basic.indexOf(':') + 1);
}
