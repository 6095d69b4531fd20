/** Connects to a real PostgreSQL over TLS, with certificates created by this test. */
import { chmod, chown, rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { canMakeCertificate, makeCertificate } from '../../local/services/certificate';
import { type Postgres, startPostgres } from '../../local/services/postgres/server';
import { makeRuntimeFolder, unprivilegedUser } from '../../local/services/postgres/user';
import { createTestDatabase } from '../../local/test/database';
import { migrate } from '../../prisma/migrate';
import { LANES, openLane } from './pool';

const plain = await createTestDatabase();
const reason = canMakeCertificate() ? '' : ' (skipped: openssl is not on this machine)';

describe.skipIf(reason !== '')(`PostgreSQL over TLS${reason}`, () => {
  const closing: (() => Promise<void>)[] = [];
  afterAll(async () => {
    for (const close of closing.reverse()) await close();
  });

  /** Starts a server with a certificate for this host name only. */
  async function startWithTls(host: string): Promise<{ postgres: Postgres; certificate: string }> {
    const user = await unprivilegedUser();
    const folder = await makeRuntimeFolder(user);
    closing.push(() => rm(folder, { recursive: true, force: true }));
    const { certificate, key } = makeCertificate(folder, [host]);
    await chmod(key, 0o600);
    if (user) for (const file of [certificate, key]) await chown(file, user.uid, user.gid);
    const postgres = await startPostgres({
      settings: { ssl: 'on', ssl_cert_file: certificate, ssl_key_file: key },
    });
    closing.push(() => postgres.stop());
    return { postgres, certificate };
  }

  /** Connects by name, as the driver verifies the certificate of an address as that of `localhost`. */
  const overTls = (url: string, certificate?: string) => {
    const changed = new URL(url);
    changed.hostname = 'localhost';
    changed.searchParams.set('sslmode', 'verify-full');
    if (certificate !== undefined) changed.searchParams.set('sslrootcert', certificate);
    return changed.href;
  };

  async function isEncrypted(url: string): Promise<unknown> {
    const pool = openLane(LANES.probe, [url]);
    try {
      const { rows } = await pool.query('SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()');
      return rows[0]?.ssl;
    } finally {
      await pool.end();
    }
  }

  let trusted: Awaited<ReturnType<typeof startWithTls>>;
  beforeAll(async () => {
    trusted = await startWithTls('localhost');
  });

  it('carries migrations and the app’s statements with sslmode=verify-full and the CA in sslrootcert', async () => {
    const { postgres, certificate } = trusted;
    const { ownerUrl, appUrl } = await postgres.createMigratedDatabase();
    await expect(migrate({ ownerUrl: overTls(ownerUrl, certificate), appUrl })).resolves.toMatchObject({
      applied: [],
    });
    expect(await isEncrypted(overTls(appUrl, certificate))).toBe(true);
  });

  it('is refused without the CA', async () => {
    const { appUrl } = await trusted.postgres.createMigratedDatabase();
    await expect(isEncrypted(overTls(appUrl))).rejects.toThrow(/self-signed certificate/);
  });

  it('is refused if the certificate is for another name', async () => {
    const { postgres, certificate } = await startWithTls('db.test');
    const { appUrl } = await postgres.createMigratedDatabase();
    await expect(isEncrypted(overTls(appUrl, certificate))).rejects.toThrow(/does not match certificate/);
  });

  it('is refused if the server offers no TLS', async () => {
    await expect(isEncrypted(overTls(plain.appUrl))).rejects.toThrow(/does not support SSL/);
  });
});
