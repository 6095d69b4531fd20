/** Runs the built command behind a proxy that intercepts TLS, for a control plane that only the proxy can reach. */
import { mkdirSync } from 'node:fs';
import { afterAll, beforeEach, expect, it } from 'vitest';
import { makeCertificate } from '../../../local/services/certificate.js';
import { startInterceptingProxy } from '../../../local/services/intercepting-proxy.js';
import { startMachine } from './test-machine.js';

const machine = await startMachine();
const folder = machine.folder('certificate');
mkdirSync(folder);
const certificate = makeCertificate(folder, ['control-plane.test']);
const proxy = await startInterceptingProxy(certificate, { 'control-plane.test': machine.origin });
afterAll(proxy.close);

const through = (variables: Record<string, string> = {}) => ({
  PULSESTREAM_URL: 'https://control-plane.test',
  HTTPS_PROXY: proxy.url.replace('//', '//me:s%40cret@'),
  NODE_EXTRA_CA_CERTS: certificate.certificate,
  ...variables,
});

const exec = (env: Record<string, string>) =>
  machine.pulsestream(
    ['exec', '--repo', 'acme/api', '--', 'sh', '-c', 'test -n "$GITHUB_TOKEN" && echo ran'],
    {
      env,
    },
  );

beforeEach(() => {
  for (const recorded of [proxy.tunnels, proxy.requests, proxy.credentials]) recorded.length = 0;
});

it('mints, lists and revokes through the proxy, and presents the proxy’s password to the proxy', async () => {
  const before = await machine.livingTokens();
  expect(await exec(through())).toMatchObject({ code: 0, stdout: 'ran\n', stderr: '' });
  expect(await machine.livingTokens()).toEqual(before);
  expect(new Set(proxy.tunnels)).toEqual(new Set(['control-plane.test:443']));
  expect(new Set(proxy.credentials)).toEqual(
    new Set([`Basic ${Buffer.from('me:s@cret').toString('base64')}`]),
  );
  expect(proxy.requests).toEqual(
    expect.arrayContaining([
      'POST control-plane.test/api/v1/internal/github/token',
      'GET control-plane.test/api/v1/internal/github/repositories',
      'POST control-plane.test/api/v1/internal/github/token/revoke',
    ]),
  );
});

it('lets doctor check the control plane through the proxy', async () => {
  const { code, stdout } = await machine.pulsestream(['doctor'], { env: through() });
  expect([code, stdout]).toEqual([0, expect.stringContaining('control plane  reachable')]);
  expect(proxy.requests).toContain('GET control-plane.test/api/health/live');
});

it('goes past the proxy to a host of NO_PROXY, which does not exist here', async () => {
  const { code, stderr } = await exec(through({ NO_PROXY: 'control-plane.test' }));
  expect([code, stderr]).toEqual([69, expect.stringMatching(/ENOTFOUND|EAI_AGAIN/)]);
  expect(proxy.tunnels).toEqual([]);
});

it('refuses the proxy’s certificate unless it is trusted', async () => {
  const { code, stderr } = await exec(through({ NODE_EXTRA_CA_CERTS: '' }));
  expect([code, stderr]).toEqual([69, expect.stringContaining('SELF_SIGNED_CERT')]);
  expect(proxy.tunnels).not.toEqual([]);
  expect(proxy.requests).toEqual([]);
});

it('names the status of a proxy that refuses, and neither its password nor the key', async () => {
  const { code, stderr } = await exec(through({ PULSESTREAM_URL: 'https://elsewhere.test' }));
  expect([code, stderr]).toEqual([69, expect.stringContaining('PROXY_STATUS_403')]);
  expect(stderr).not.toMatch(/s%40cret|s@cret/);
  expect(stderr).not.toContain(machine.apiKey);
});
