import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { testEnvironment } from '../auth/test-fixtures';
import { parseConfig, replaceConfig } from '../config';
import { startTestIssuer, type TestIssuer } from '../workload/test-issuer';
import { findingOf } from './test-findings';

let issuer: TestIssuer;
let other: TestIssuer;
beforeAll(async () => {
  issuer = await startTestIssuer('audience', { alg: 'ES256' });
  other = await startTestIssuer('audience', { alg: 'ES256' });
});
afterAll(() => Promise.all([issuer.stop(), other.stop()]));
/** Sets the header itself, because Node keeps the one of the last second, in which another test may move the clock. */
const showClock = (server: TestIssuer, secondsOff = 0) => {
  server.state.intervene = (_, response) => {
    response.setHeader('date', new Date(Date.now() + secondsOff * 1000).toUTCString());
    return false;
  };
};
beforeEach(() => {
  showClock(issuer);
  showClock(other);
  issuer.state.discovery = {};
  issuer.state.keySet = undefined;
});

function find(issuers: readonly string[]) {
  const variables = testEnvironment('postgresql://localhost/none');
  replaceConfig(parseConfig({ ...variables, WORKLOAD_ISSUERS: issuers.join() }));
  return findingOf('workload-issuers');
}

const both = () => [issuer.url, other.url];

it('finds nothing wrong without issuers', async () => {
  expect(await find([])).toMatchObject({ status: 'ok', found: expect.stringMatching(/empty/), todo: '' });
});

it('names the keys of each issuer, and those that cannot be used', async () => {
  issuer.state.keySet = { keys: [{ kid: 'x', kty: 'oct', k: 'AAAA' }, issuer.state.keys[0]?.published] };
  expect(await find(both())).toMatchObject({
    status: 'ok',
    found: expect.stringMatching(
      `${issuer.url} publishes 1 usable key, and 1 that cannot be used.*${other.url} publishes 1 usable key\\.`,
    ),
    todo: '',
  });
});

it.each<[string, () => void, RegExp]>([
  [
    'that does not answer',
    () => {
      issuer.state.intervene = (request) => !request.socket.destroy().closed;
    },
    /cannot be used/,
  ],
  [
    'that is not there',
    () => {
      issuer.state.intervene = (_, response) => response.writeHead(404).end() !== undefined;
    },
    /its discovery document was answered by 404/,
  ],
  [
    'that names another issuer',
    () => {
      issuer.state.discovery = { issuer: `${issuer.url}/` };
    },
    /names another issuer/,
  ],
  [
    'without a key',
    () => {
      issuer.state.keySet = { keys: [] };
    },
    /no usable key/,
  ],
])('fails for one issuer %s, and still names the other', async (_, breakIt, found) => {
  breakIt();
  const finding = await find(both());
  expect(finding).toMatchObject({ status: 'fail', found: expect.stringMatching(found) });
  expect(finding.found).toContain(`${other.url} publishes 1 usable key`);
  expect(finding.todo).toMatch(/WORKLOAD_ISSUERS/);
});

it.each<[string, number, string]>([
  ['warns', 30, 'warn'],
  ['fails', 90, 'fail'],
])('%s when an issuer’s clock is %d s off', async (_, seconds, status) => {
  showClock(issuer, seconds);
  expect(await find(both())).toMatchObject({
    status,
    found: expect.stringMatching(/s behind that of/),
    todo: expect.stringMatching(/NTP/),
  });
});
