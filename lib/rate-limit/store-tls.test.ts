/** Connects to a real Redis and a real Valkey over TLS, with a certificate created by this test. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CertificateFiles, canMakeCertificate, makeCertificate } from '../../local/services/certificate';
import { findProgram } from '../../local/services/debian-programs';
import { REDIS_PROGRAMS, type RedisServer, startRedisServer } from '../../local/services/redis-server';
import { connectRedis, StoreRefused } from './store';

const DEADLINE_MS = 10_000;

/** Pings the store from a new process, because Node reads these environment variables only at startup. */
async function pingInProcess(url: string, env: Record<string, string>): Promise<string> {
  const script = `import { connectRedis } from './lib/rate-limit/store.ts';
    const redis = connectRedis(process.env.STORE, ${DEADLINE_MS});
    redis.ping().then(() => 'pong', String).then(console.log).finally(() => redis.close());`;
  const options = { env: { ...process.env, ...env, STORE: url } };
  const args = ['--import', 'tsx', '--input-type=module', '-e', script];
  return (await promisify(execFile)(process.execPath, args, options)).stdout.trim();
}

for (const program of REDIS_PROGRAMS) {
  const isMissing = findProgram(program) === undefined || !canMakeCertificate();
  describe.skipIf(isMissing)(`${program} over TLS (skipped where it or openssl is missing)`, () => {
    let folder: string;
    let files: CertificateFiles;
    let server: RedisServer;
    beforeAll(async () => {
      folder = await mkdtemp(path.join(tmpdir(), 'pulsestream-tls-'));
      files = makeCertificate(folder);
      server = await startRedisServer({ program, tls: files });
    });
    afterAll(async () => {
      await server?.close();
      await rm(folder, { recursive: true, force: true });
    });

    it('connects from a process that trusts the certificate through NODE_EXTRA_CA_CERTS', async () => {
      expect(await pingInProcess(server.url, { NODE_EXTRA_CA_CERTS: files.certificate })).toBe('pong');
    }, 60_000);

    it('does not use a store with an untrusted certificate, and reports it in readiness', async () => {
      const redis = connectRedis(server.url, DEADLINE_MS);
      try {
        const failure = await redis.ping().catch((error: unknown) => error);
        expect(failure).toBeInstanceOf(StoreRefused);
        expect(String(failure)).toContain('the certificate of REDIS_URL is not trusted');
      } finally {
        redis.close();
      }
    });
  });
}
