import { generateKeyPairSync, verify } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createAppJwtSource } from './app';
import { pemSigner, type SignJwt } from './signers';

const keys = [0, 1].map(() => generateKeyPairSync('rsa', { modulusLength: 2048 }));
const pemOf = (index: number) =>
  keys[index]?.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() ?? '';
const START = Date.parse('2026-03-01T12:00:00.750Z');

/** Creates a JWT source whose clock the test can set. Counts the signatures. */
function makeSource({ signers = [pemSigner(pemOf(0))] }: { signers?: SignJwt[] } = {}) {
  const clock = { ms: START };
  let signatures = 0;
  const counted = signers.map(
    (sign): SignJwt =>
      (input) => {
        signatures++;
        return sign(input);
      },
  );
  const source = createAppJwtSource(['Iv1.client'], counted, () => clock.ms);
  return { source, clock, signatures: () => signatures };
}

function read(jwt: string, key = 0) {
  const [header = '', payload = '', signature = ''] = jwt.split('.');
  const signed = Buffer.from(`${header}.${payload}`);
  const publicKey = keys[key]?.publicKey;
  if (!publicKey) throw new Error('no such key');
  return {
    header: JSON.parse(Buffer.from(header, 'base64url').toString()),
    claims: JSON.parse(Buffer.from(payload, 'base64url').toString()),
    genuine: verify('RSA-SHA256', signed, publicKey, Buffer.from(signature, 'base64url')),
  };
}

describe('the App JWT (C05)', () => {
  it('is signed with the App’s key by RS256, is backdated by a minute, and expires within ten minutes', async () => {
    const { source, clock } = makeSource();
    for (const offset of [0, 1, 999, 250_000, 3_600_000]) {
      clock.ms = START + offset;
      const { header, claims, genuine } = read(await source.get());
      const seconds = clock.ms / 1000;
      expect({ header, genuine }).toEqual({ header: { alg: 'RS256', typ: 'JWT' }, genuine: true });
      expect(claims.iss).toBe('Iv1.client');
      expect(Number.isInteger(claims.iat) && Number.isInteger(claims.exp)).toBe(true);
      expect(claims.exp - claims.iat).toBeLessThanOrEqual(600);
      expect(claims.exp - seconds).toBeLessThan(600);
      expect(claims.exp - seconds).toBeGreaterThanOrEqual(60);
      expect(claims.iat).toBeLessThanOrEqual(seconds - 59);
    }
  });

  it('reuses a JWT until a minute before it expires', async () => {
    const { source, clock, signatures } = makeSource();
    const first = await source.get();
    const expires = read(first).claims.exp * 1000;
    clock.ms = expires - 60_001;
    expect(await source.get()).toBe(first);
    expect(signatures()).toBe(1);
    clock.ms = expires - 60_000;
    expect(await source.get()).not.toBe(first);
    expect(signatures()).toBe(2);
  });

  it('signs a new JWT after the process’s clock was set back', async () => {
    const { source, clock } = makeSource();
    const first = await source.get();
    clock.ms = START - 3_600_000;
    const second = await source.get();
    expect(second).not.toBe(first);
    expect(read(second).claims.exp - clock.ms / 1000).toBeLessThan(600);
  });

  it('signs one JWT for all concurrent callers', async () => {
    const { source, signatures } = makeSource();
    const all = await Promise.all(Array.from({ length: 100 }, () => source.get()));
    expect(new Set(all).size).toBe(1);
    expect(signatures()).toBe(1);
  });

  it('signs again at the next call after a signature failed', async () => {
    let broken = true;
    const sign = pemSigner(pemOf(0));
    const { source, signatures } = makeSource({
      signers: [(input) => (broken ? Promise.reject(new Error('KMS is away')) : sign(input))],
    });
    const both = await Promise.allSettled([source.get(), source.get()]);
    expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(signatures()).toBe(1);
    broken = false;
    expect(read(await source.get()).genuine).toBe(true);
  });
});

describe('a correction of the clock', () => {
  it.each([300_000, -300_000])('moves iat and exp by %i ms to match GitHub’s clock', async (offMs) => {
    const { source, clock } = makeSource();
    await source.get();
    expect(source.correctClock(new Date(clock.ms + offMs).toUTCString())).toBe(true);
    const { claims } = read(await source.get());
    const githubSeconds = (clock.ms + offMs) / 1000;
    expect(claims.exp - githubSeconds).toBeLessThan(600);
    expect(githubSeconds - claims.iat).toBeGreaterThanOrEqual(59);
    expect(source.revision).toBe(1);
  });

  it('leaves the clock alone when GitHub’s clock agrees, is missing or is unreadable', async () => {
    const { source, clock, signatures } = makeSource();
    await source.get();
    for (const date of [new Date(clock.ms + 4000).toUTCString(), undefined, '', 'yesterday'])
      expect(source.correctClock(date)).toBe(false);
    await source.get();
    expect([signatures(), source.revision]).toEqual([1, 0]);
  });
});

describe('a second key', () => {
  it('signs every JWT after GitHub rejected the first key', async () => {
    const { source, clock } = makeSource({ signers: [pemSigner(pemOf(0)), pemSigner(pemOf(1))] });
    expect(read(await source.get(), 0).genuine).toBe(true);
    expect(source.takeNextKey()).toBe(true);
    for (const minutes of [0, 30]) {
      clock.ms = START + minutes * 60_000;
      expect(read(await source.get(), 1).genuine).toBe(true);
    }
  });

  it('reports that there is no other key to switch to', () => {
    expect(makeSource().source.takeNextKey()).toBe(false);
  });
});

describe('createJwt, for @octokit/auth-app', () => {
  it('returns the shared App JWT with its expiry', async () => {
    const { source, signatures } = makeSource();
    const { jwt, expiresAt } = await source.createJwt(1);
    expect(jwt).toBe(await source.get());
    expect(read(jwt).claims.exp).toBe(Date.parse(expiresAt) / 1000);
    expect(signatures()).toBe(1);
  });

  it('keeps a clock correction for later calls', async () => {
    const { source, signatures } = makeSource();
    await source.createJwt(1);
    const { jwt } = await source.createJwt(1, 300);
    expect(read(jwt).claims.iat).toBe(Math.floor(START / 1000) + 300 - 60);
    expect((await source.createJwt(1)).jwt).toBe(jwt);
    expect([signatures(), source.revision]).toEqual([2, 1]);
  });

  it('signs once for concurrent callers that report the same clock difference', async () => {
    const { source, signatures } = makeSource();
    await source.createJwt(1);
    const all = await Promise.all([300, 301, 300].map((seconds) => source.createJwt(1, seconds)));
    expect(new Set(all.map(({ jwt }) => jwt)).size).toBe(1);
    expect(signatures()).toBe(2);
  });
});
