/** nginx and HAProxy in front, configured by the text of docs/operations.md, which is used here word for word. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect as connectHttp2 } from 'node:http2';
import { request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { findProgram } from '../../local/debian-programs';
import { findFreePort } from '../../local/free-port';
import { testEnvironment } from '../auth/test-fixtures';
import { getConfig } from '../config';
import { requestContext } from '../http/request-context';
import { stampRequests } from './stamp-requests';

const environment = testEnvironment('postgresql://nobody@127.0.0.1:1/none');
for (const [name, value] of Object.entries({ ...environment, TRUSTED_PROXY_HOPS: '1' }))
  vi.stubEnv(name, value);
getConfig();
stampRequests({ strictTransportSecurity: null });

/** Linux answers for all of 127.0.0.0/8, so that the client is told from the proxy. */
const CLIENT = process.platform === 'linux' ? '127.0.0.2' : '127.0.0.1';

const MEGABYTE = 1_000_000;
let mints = 0;
const app = createServer(async (incoming, response) => {
  let bytes = 0;
  for await (const chunk of incoming) bytes += (chunk as Buffer).length;
  if (incoming.url === '/cut') {
    mints++;
    return void incoming.socket.destroy();
  }
  const headers = new Headers(Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]));
  response.end(JSON.stringify({ ...requestContext({ headers }), bytes }));
});
await new Promise<void>((resolve) => app.listen(0, '127.0.0.1', resolve));
const appPort = (app.address() as AddressInfo).port;

const folder = mkdtempSync(path.join(tmpdir(), 'proxies-'));
const stops: (() => void)[] = [];
afterAll(() => {
  for (const stop of stops) stop();
  app.close();
  app.closeAllConnections();
  rmSync(folder, { recursive: true, force: true });
});

const file = (name: string) => path.join(folder, name);
const openssl = findProgram('openssl');

function makeCertificate(): void {
  spawnSync(openssl ?? '', [
    ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=localhost', '-days', '2'],
    ...['-keyout', file('key.pem'), '-out', file('certificate.pem')],
  ]);
  writeFileSync(
    file('certificate-and-key.pem'),
    readFileSync(file('certificate.pem'), 'utf8') + readFileSync(file('key.pem'), 'utf8'),
  );
}

function snippet(language: string, port: number): string {
  const text = new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``).exec(
    readFileSync('docs/operations.md', 'utf8'),
  )?.[1];
  if (text === undefined) throw new Error(`docs/operations.md has no ${language}`);
  return text
    .replaceAll('8443', String(port))
    .replaceAll('127.0.0.1:3000', `127.0.0.1:${appPort}`)
    .replace(/(?<=[\s])(certificate(?:-and-key)?|key)\.pem/g, (name) => file(name));
}

const PROXIES = {
  nginx: (port: number) => {
    const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
      .map((name) => `${name}_temp_path ${folder};`)
      .join(' ');
    writeFileSync(
      file('nginx.conf'),
      `daemon off; pid ${file('nginx.pid')}; error_log stderr; events {}\nhttp { access_log off; ${temporary}\n${snippet('nginx', port)} }`,
    );
    return ['-p', folder, '-c', file('nginx.conf')];
  },
  haproxy: (port: number) => {
    const defaults =
      'defaults\n  mode http\n  timeout connect 10s\n  timeout client 60s\n  timeout server 60s\n';
    writeFileSync(file('haproxy.cfg'), `${defaults}${snippet('haproxy', port)}`);
    return ['-db', '-f', file('haproxy.cfg')];
  },
} as const;

type Answer = { status: number; body: string };

function ask(
  port: number,
  method: string,
  url: string,
  headers: Record<string, string>,
  body?: Buffer,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        port,
        host: '127.0.0.1',
        method,
        path: url,
        headers,
        rejectUnauthorized: false,
        agent: false,
        localAddress: CLIENT,
      },
      (response) => {
        let text = '';
        response.on('data', (chunk) => {
          text += chunk;
        });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body: text }));
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

function askHttp2(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const session = connectHttp2(`https://127.0.0.1:${port}`, { rejectUnauthorized: false });
    session.on('error', reject);
    const stream = session.request({ ':path': '/', 'x-forwarded-for': '203.0.113.9' });
    let text = '';
    stream.on('data', (chunk) => {
      text += chunk;
    });
    stream.on('end', () => {
      session.close();
      resolve(text);
    });
    stream.end();
  });
}

for (const name of ['nginx', 'haproxy'] as const) {
  const program = findProgram(name);
  describe.skipIf(program === undefined || openssl === undefined)(
    `behind ${name} (skipped where it is missing)`,
    () => {
      it('has the client’s address, bodies of 25 MB, large headers and HTTP/2, and mints never twice', async () => {
        makeCertificate();
        const port = await findFreePort(21_000 + (process.pid % 400) * 10);
        const child = spawn(program ?? '', PROXIES[name](port), { stdio: 'ignore' });
        stops.push(() => void child.kill('SIGTERM'));
        await expect
          .poll(() => ask(port, 'GET', '/', {}).catch(() => null), { timeout: 30_000 })
          .toMatchObject({ status: 200 });

        for (const forged of ['203.0.113.9', '203.0.113.9, 198.51.100.1', 'x', ''])
          expect(JSON.parse((await ask(port, 'GET', '/', { 'x-forwarded-for': forged })).body)).toMatchObject(
            {
              clientIp: CLIENT,
            },
          );
        expect(JSON.parse(await askHttp2(port))).toMatchObject({ clientIp: '127.0.0.1' });
        expect((await ask(port, 'HEAD', '/', {})).body).toBe('');
        expect((await ask(port, 'GET', '/', { cookie: 'x'.repeat(8_000) })).status).toBe(200);
        const large = await ask(port, 'POST', '/api/github/webhooks', {}, Buffer.alloc(25 * MEGABYTE));
        expect(JSON.parse(large.body)).toMatchObject({ bytes: 25 * MEGABYTE });

        mints = 0;
        const cut = await ask(port, 'POST', '/cut', {}, Buffer.from('{}'));
        expect(cut.status).toBe(502);
        expect(mints).toBe(1);
      }, 120_000);
    },
  );
}
