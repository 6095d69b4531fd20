/** Tokens that are right, and tokens that are wrong in one way each, against a real issuer. */
import { createHmac, createPublicKey, type KeyObject, sign as signBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { testEnvironment } from '../auth/test-fixtures';
import { parseConfig, replaceConfig } from '../config';
import { metrics } from '../observability/metrics';
import { REFUSALS } from './refusals';
import { createSigningKey, startTestIssuer, type TestIssuer } from './test-issuer';
import { isCompactJws, MAX_TOKEN_CHARACTERS, verifyWorkloadToken } from './verify';

const AUDIENCE = 'http://localhost:3000';
/** The time that every token here is verified at, in seconds. */
const NOW = 1_800_000_000;

let issuer: TestIssuer;
const rsa = createSigningKey('RS256', 'rsa');
const ec = createSigningKey('ES256', 'ec');
/** Keys that the issuer does not publish, one of them by the id of a key that it does. */
const foreign = createSigningKey('RS256', 'rsa');
const unpublished = createSigningKey('RS256', 'unpublished');

beforeAll(async () => {
  issuer = await startTestIssuer(AUDIENCE, { alg: 'ES256' });
  issuer.state.keys = [rsa, ec];
  const variables = { ...testEnvironment('postgresql://localhost/none'), NEXTAUTH_URL: AUDIENCE };
  replaceConfig(parseConfig({ ...variables, WORKLOAD_ISSUERS: `https://unused.test,${issuer.url}` }));
});
afterAll(() => issuer.stop());
afterEach(() => void vi.useRealTimers());
beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: NOW * 1000 }));

const b64 = (value: unknown) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

/** A token's claims, right in every way but for the given ones. */
const claims = (changes: Record<string, unknown> = {}) => ({
  iss: issuer.url,
  aud: AUDIENCE,
  sub: 'workload',
  iat: NOW,
  exp: NOW + 300,
  ...changes,
});

/** Signs texts that no library would sign. */
function forge(header: unknown, payload: unknown, key: KeyObject = rsa.privateKey): string {
  const input = `${b64(header)}.${b64(payload)}`;
  return `${input}.${signBytes('sha256', Buffer.from(input), key).toString('base64url')}`;
}

const RS256 = { alg: 'RS256', kid: 'rsa' };
const signed = (changes: Record<string, unknown>) => forge(RS256, claims(changes));
const signedWith = (header: Record<string, unknown>) => forge({ ...RS256, ...header }, claims());
const part = (token: string, index: number) => token.split('.')[index] ?? '';

/** Signs with HMAC, as if a public text were a secret. */
function hmac(secret: string | Buffer, kid = 'rsa'): string {
  const input = `${b64({ alg: 'HS256', kid })}.${b64(claims())}`;
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
}

const publicKey = createPublicKey(rsa.privateKey);

async function refusalOf(token: string): Promise<unknown> {
  return verifyWorkloadToken(token).then(
    () => 'accepted',
    (error: unknown) => (error instanceof Error && 'reason' in error ? error.reason : error),
  );
}

describe('a token is accepted', () => {
  it('with its claims, when everything is right', async () => {
    const all = claims({ jti: 'one', nested: { deep: [1] } });
    expect(await verifyWorkloadToken(forge({ ...RS256, typ: 'JWT' }, all))).toEqual({
      issuer: issuer.url,
      subject: 'workload',
      claims: all,
      jti: 'one',
      issuedAt: new Date(NOW * 1000),
      expiresAt: new Date((NOW + 300) * 1000),
    });
  });

  it.each<[string, Record<string, unknown>]>([
    ['for a list of our audience alone', { aud: [AUDIENCE] }],
    ['without jti', { jti: undefined }],
    ['with nbf in place of iat', { iat: undefined, nbf: NOW }],
    ['whose nbf is ten minutes before its iat', { nbf: NOW - 600 }],
    ['that lives an hour', { exp: NOW + 3600 }],
    ['that lives an hour and seven seconds, as the default of Kubernetes', { exp: NOW + 3607 }],
    ['that expired 59 seconds ago', { iat: NOW - 300, exp: NOW - 59 }],
    ['that begins in 60 seconds', { iat: NOW + 60, nbf: NOW + 60 }],
    ['with fractions of seconds', { iat: NOW - 0.5, exp: NOW + 300.25 }],
    ['with a subject of 1,000 characters', { sub: 'a'.repeat(1000) }],
    ['with a subject outside of ASCII', { sub: 'repo:acme/api:environment:prüfung 🧪' }],
  ])('%s', async (_, changes) => {
    expect(await refusalOf(signed(changes))).toBe('accepted');
  });

  it.each([undefined, 'JWT', 'jwt', 'JOSE', 'at+jwt', 'application/at+jwt'])(
    'with the typ %s',
    async (typ) => {
      expect(await refusalOf(signedWith({ typ }))).toBe('accepted');
    },
  );

  it.each(['PS256', 'ES256', 'ES384', 'EdDSA', 'RS256'] as const)('with a signature by %s', async (alg) => {
    const other = await startTestIssuer(AUDIENCE, { alg });
    const variables = { ...testEnvironment('postgresql://localhost/none'), NEXTAUTH_URL: AUDIENCE };
    const before = parseConfig({ ...variables, WORKLOAD_ISSUERS: issuer.url });
    replaceConfig(parseConfig({ ...variables, WORKLOAD_ISSUERS: other.url }));
    expect(await refusalOf(await other.sign({ sub: 'workload' }))).toBe('accepted');
    replaceConfig(before);
    await other.stop();
  });
});

describe('a token is refused', () => {
  it.each<[string, unknown]>([
    ['another audience', 'https://other.test'],
    ['our audience and another', [AUDIENCE, 'https://other.test']],
    ['our audience twice', [AUDIENCE, AUDIENCE]],
    ['no audience', undefined],
    ['an empty list', []],
    ['an empty text', ''],
    ['a list in a list', [[AUDIENCE]]],
    ['an object', { 0: AUDIENCE }],
    ['our audience with a slash', `${AUDIENCE}/`],
    ['our audience in capitals', AUDIENCE.toUpperCase()],
    ['our audience as a prefix', `${AUDIENCE}.evil.test`],
    ['our audience with a space', ` ${AUDIENCE}`],
    ['our host alone', 'localhost:3000'],
    ['its issuer', 'https://unused.test'],
  ])('for %s', async (_, aud) => {
    expect(await refusalOf(signed({ aud }))).toBe('wrong_audience');
  });

  it.each<[string, (url: string) => unknown]>([
    ['no issuer', () => undefined],
    ['an empty issuer', () => ''],
    ['an issuer in a list', (url) => [url]],
    ['another issuer', () => 'https://other.test'],
    ['an issuer with a slash at the end', (url) => `${url}/`],
    ['an issuer without its port', () => 'http://127.0.0.1'],
    ['an issuer in capitals', (url) => url.toUpperCase()],
    ['an issuer of another scheme', (url) => url.replace('http:', 'https:')],
    ['an issuer with a user', (url) => url.replace('//', '//user@')],
    ['a trusted issuer as the user of another', (url) => `${url}@evil.test`],
    ['a subdomain of another', (url) => `${url}.evil.test`],
    ['a path below it', (url) => `${url}/tenant`],
    ['a query', (url) => `${url}?`],
    ['a fragment', (url) => `${url}#`],
    ['spaces', (url) => ` ${url} `],
    ['a zero-width space', (url) => `${url}\u200b`],
    ['digits of another script', (url) => url.replace('1', '１')],
    ['another name of the same address', (url) => url.replace('127.0.0.1', '2130706433')],
    ['a property of every object', () => 'constructor'],
  ])('when it names %s', async (_, look) => {
    expect(await refusalOf(signed({ iss: look(issuer.url) }))).toBe('unknown_issuer');
  });

  it.each<[string, () => string]>([
    ['no algorithm, and no signature', () => `${b64({ alg: 'none', kid: 'rsa' })}.${b64(claims())}.`],
    ['no algorithm, and some signature', () => `${b64({ alg: 'none', kid: 'rsa' })}.${b64(claims())}.AAAA`],
    ['“None”', () => signedWith({ alg: 'None' })],
    ['nothing at all', () => signedWith({ alg: undefined })],
    ['a list', () => signedWith({ alg: ['RS256'] })],
    ['an algorithm in lower case', () => signedWith({ alg: 'rs256' })],
    ['a property of every object', () => signedWith({ alg: 'toString' })],
    ['SHA-1', () => signedWith({ alg: 'RS1' })],
    ['the curve of Bitcoin', () => signedWith({ alg: 'ES256K' })],
    ['HMAC with the public key in PEM', () => hmac(publicKey.export({ type: 'spki', format: 'pem' }))],
    ['HMAC with the public key in DER', () => hmac(publicKey.export({ type: 'spki', format: 'der' }))],
    ['HMAC with the public key as JWK', () => hmac(JSON.stringify(rsa.published))],
    [
      'HMAC with the modulus',
      () => hmac(Buffer.from(String(publicKey.export({ format: 'jwk' }).n), 'base64url')),
    ],
    ['HMAC with an empty secret', () => hmac('')],
  ])('with an algorithm that is not allowed: %s', async (_, make) => {
    const reason = await refusalOf(make());
    expect(['malformed', 'algorithm_not_allowed']).toContain(reason);
    if (!make().endsWith('.')) expect(reason).toBe('algorithm_not_allowed');
  });

  it.each<[string, string, () => string]>([
    ['unknown extensions', 'critical_header', () => signedWith({ crit: ['exp'], exp: NOW })],
    ['an unencoded payload', 'critical_header', () => signedWith({ crit: ['b64'], b64: false })],
    ['an empty list of extensions', 'critical_header', () => signedWith({ crit: [] })],
    ['another kind of token', 'wrong_type', () => signedWith({ typ: 'dpop+jwt' })],
    ['a logout token', 'wrong_type', () => signedWith({ typ: 'logout+jwt' })],
    ['a typ that is no text', 'wrong_type', () => signedWith({ typ: 1 })],
    ['no key', 'no_key_id', () => signedWith({ kid: undefined })],
    ['an empty key id', 'no_key_id', () => signedWith({ kid: '' })],
    ['a number as its key id', 'no_key_id', () => signedWith({ kid: 1 })],
    ['a key id of 257 characters', 'no_key_id', () => signedWith({ kid: 'a'.repeat(257) })],
    [
      'a key that is not published',
      'unknown_key',
      () => forge({ ...RS256, kid: 'unpublished' }, claims(), unpublished.privateKey),
    ],
    ['a property of every object as its key', 'unknown_key', () => signedWith({ kid: '__proto__' })],
    ['a key of another type', 'unknown_key', () => signedWith({ kid: 'ec' })],
    ['an algorithm of another type than the key', 'unknown_key', () => signedWith({ alg: 'ES256' })],
    ['another algorithm than the key', 'unknown_key', () => signedWith({ alg: 'RS512' })],
    ['PSS for a key of PKCS #1', 'unknown_key', () => signedWith({ alg: 'PS256' })],
  ])('when its header names %s', async (_, reason, make) => {
    expect(await refusalOf(make())).toBe(reason);
  });

  it.each<[string, () => string]>([
    ['another key with the same id', () => forge(RS256, claims(), foreign.privateKey)],
    [
      'a key that the header brings along',
      () => forge({ ...RS256, jwk: foreign.published }, claims(), foreign.privateKey),
    ],
    [
      'a key at a URL in the header',
      () => forge({ ...RS256, jku: `${issuer.url}/jwks`, x5u: issuer.url }, claims(), foreign.privateKey),
    ],
    ['a certificate in the header', () => forge({ ...RS256, x5c: ['MIIB'] }, claims(), foreign.privateKey)],
    [
      'the signature of another token',
      () =>
        `${part(signed({ sub: 'admin' }), 0)}.${part(signed({ sub: 'admin' }), 1)}.${part(signed({}), 2)}`,
    ],
    ['a signature that is cut off', () => signed({}).slice(0, -4)],
    [
      'zeros',
      () => `${part(signed({}), 0)}.${part(signed({}), 1)}.${Buffer.alloc(256).toString('base64url')}`,
    ],
    [
      'zeros of ECDSA',
      () => `${b64({ alg: 'ES256', kid: 'ec' })}.${b64(claims())}.${Buffer.alloc(64).toString('base64url')}`,
    ],
    ['ECDSA in DER', () => forge({ alg: 'ES256', kid: 'ec' }, claims(), ec.privateKey)],
  ])('when it is signed by %s', async (_, make) => {
    expect(await refusalOf(make())).toBe('bad_signature');
  });

  it.each<[string, string, Record<string, unknown>]>([
    ['expired a minute ago', 'expired', { iat: NOW - 300, exp: NOW - 60 }],
    ['expired a year ago', 'expired', { iat: NOW - 31_536_300, exp: NOW - 31_536_000 }],
    ['begins in 61 seconds', 'not_yet_valid', { iat: NOW + 61 }],
    ['has an nbf in 61 seconds', 'not_yet_valid', { nbf: NOW + 61 }],
    ['lives longer than an hour', 'invalid_lifetime', { exp: NOW + 3661 }],
    ['lives a day, of which an hour is left', 'invalid_lifetime', { iat: NOW - 82_800, exp: NOW + 3600 }],
    ['lives for ever', 'invalid_lifetime', { exp: 253_402_300_799 }],
    [
      'lives longer than an hour by its nbf',
      'invalid_lifetime',
      { iat: undefined, nbf: NOW - 3361, exp: NOW + 300 },
    ],
    ['ends before it begins', 'invalid_lifetime', { iat: NOW + 30, exp: NOW - 30 }],
    ['ends when it begins', 'invalid_lifetime', { exp: NOW }],
    ['has no exp', 'invalid_times', { exp: undefined }],
    ['has an exp that is a text', 'invalid_times', { exp: String(NOW + 300) }],
    ['has an exp that is null', 'invalid_times', { exp: null }],
    ['has neither iat nor nbf', 'invalid_times', { iat: undefined }],
    ['has an iat that is a text', 'invalid_times', { iat: String(NOW) }],
    ['has an nbf that is a text', 'invalid_times', { nbf: String(NOW) }],
    ['has no subject', 'invalid_subject', { sub: undefined }],
    ['has an empty subject', 'invalid_subject', { sub: '' }],
    ['has a number as its subject', 'invalid_subject', { sub: 1 }],
    ['has a list as its subject', 'invalid_subject', { sub: ['workload'] }],
    ['has a subject of 1,001 characters', 'invalid_subject', { sub: 'a'.repeat(1001) }],
    ['has a line break in its subject', 'invalid_subject', { sub: 'work\nload' }],
    ['has a NUL in its subject', 'invalid_subject', { sub: 'work\0load' }],
    ['has half a character in its subject', 'invalid_subject', { sub: 'work\ud800load' }],
    ['has a number as its id', 'invalid_token_id', { jti: 1 }],
    ['has an empty id', 'invalid_token_id', { jti: '' }],
    ['has null as its id', 'invalid_token_id', { jti: null }],
  ])('when it %s', async (_, reason, changes) => {
    expect(await refusalOf(signed(changes))).toBe(reason);
  });

  it('when a time is infinite', async () => {
    const text = JSON.stringify(claims()).replace(`"exp":${NOW + 300}`, '"exp":1e999');
    expect(await refusalOf(forge(RS256, text))).toBe('invalid_times');
  });

  it.each<[string, () => string]>([
    ['empty', () => ''],
    ['one part', () => 'token'],
    ['two parts', () => signed({}).split('.').slice(0, 2).join('.')],
    ['four parts', () => `${signed({})}.AAAA`],
    ['five parts, as of an encrypted token', () => `${signed({})}.AAAA.AAAA`],
    ['followed by a line break', () => `${signed({})}\n`],
    ['with padding', () => `${signed({})}==`],
    ['in base64, not base64url', () => signed({}).replace(/[A-Za-z]/, '+')],
    ['with an empty header', () => `.${b64(claims())}.AAAA`],
    ['with a header that is no JSON', () => forge('{', claims())],
    ['with a header that is a list', () => forge([], claims())],
    ['with a header that is null', () => forge('null', claims())],
    ['with claims that are no JSON', () => forge(RS256, '{')],
    ['with claims that are a list', () => forge(RS256, [])],
    ['with claims that are null', () => forge(RS256, 'null')],
    ['with claims that are a text', () => forge(RS256, '"workload"')],
    ['with brackets without end', () => forge(RS256, '['.repeat(8000))],
    ['over 16 kB', () => signed({ padding: 'a'.repeat(MAX_TOKEN_CHARACTERS) })],
  ])('when it is %s', async (_, make) => {
    expect(await refusalOf(make())).toBe('malformed');
  });

  it('with the reason in words, for the log and the dry run', async () => {
    await expect(verifyWorkloadToken(signed({ aud: 'x' }))).rejects.toMatchObject({
      name: 'WorkloadTokenRefused',
      message: REFUSALS.wrong_audience,
    });
  });
});

it('recognizes a credential that has the form of a token, without reading it', () => {
  expect(['a.b.c', 'psk_dev_abc', 'a.b', 'a.b.c.d', 'a..c', '', 'a.b.c '].map(isCompactJws)).toEqual([
    true,
    ...Array.from({ length: 6 }, () => false),
  ]);
  expect(isCompactJws(`a.b.${'c'.repeat(MAX_TOKEN_CHARACTERS)}`)).toBe(false);
});

it('counts each token by its issuer and result, with labels that no caller chooses', async () => {
  const counted = async () => {
    const { values } = await metrics.workloadTokens.get();
    return Object.fromEntries(
      values.map(({ labels, value }) => [`${labels.issuer} ${labels.result}`, value]),
    );
  };
  metrics.workloadTokens.reset();
  for (const token of [signed({}), signed({ aud: 'x' }), signed({ iss: 'https://chosen.test' }), 'chosen'])
    await refusalOf(token);
  expect(await counted()).toEqual({
    [`${issuer.url} accepted`]: 1,
    [`${issuer.url} wrong_audience`]: 1,
    'untrusted unknown_issuer': 1,
    'untrusted malformed': 1,
  });
});

it('is told to retry, and not that the token is wrong, while its issuer cannot be read', async () => {
  const down = await startTestIssuer(AUDIENCE, { alg: 'ES256' });
  const token = await down.sign({ sub: 'workload' });
  await down.stop();
  const variables = { ...testEnvironment('postgresql://localhost/none'), NEXTAUTH_URL: AUDIENCE };
  replaceConfig(parseConfig({ ...variables, WORKLOAD_ISSUERS: `${down.url},${issuer.url}` }));
  await expect(verifyWorkloadToken(token)).rejects.toMatchObject({
    name: 'Problem',
    status: 503,
    retryAfterSeconds: expect.any(Number),
    message: expect.not.stringContaining(down.url),
  });
  expect(await refusalOf(signed({}))).toBe('accepted');
});
