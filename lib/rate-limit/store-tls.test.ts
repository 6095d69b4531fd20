/** A real Redis and a real Valkey that speak TLS, with a certificate of our own making. */
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

/** Pings the store in a process that has this environment from its start. */
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

    it('is ready for a process that trusts its certificate by NODE_EXTRA_CA_CERTS', async () => {
      expect(await pingInProcess(server.url, { NODE_EXTRA_CA_CERTS: files.certificate })).toBe('pong');
    }, 60_000);

    it('is not used while its certificate is not trusted, and readiness reports it', async () => {
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
