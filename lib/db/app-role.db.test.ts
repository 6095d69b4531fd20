import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase } from '../../local/test-database';
import { assertAppRole } from './app-role';

const { ownerUrl, appUrl } = await createTestDatabase();
const owner = new pg.Client(ownerUrl);
const app = new pg.Client(appUrl);
const DEPLOYED = { isDeployed: true };

beforeAll(() => Promise.all([owner.connect(), app.connect()]));
afterAll(() => Promise.all([owner.end(), app.end()]));

describe('a process that serves customers', () => {
  it('runs as the role that may append to the audit log, and no more', async () => {
    await expect(assertAppRole(DEPLOYED, app)).resolves.toBeUndefined();
  });

  it('is refused as the tables’ owner, with what to do', async () => {
    await expect(assertAppRole(DEPLOYED, owner)).rejects.toThrow(
      /owns the audit log.*MIGRATION_DATABASE_URL.*db:migrate/,
    );
    await expect(assertAppRole({ isDeployed: false }, owner)).resolves.toBeUndefined();
  });

  it.each([
    'UPDATE ON audit_events',
    'UPDATE (details) ON audit_events',
    'DELETE ON audit_events',
    'TRUNCATE ON audit_events',
    'TRIGGER ON audit_events',
    'UPDATE ON audit_chains',
  ])('is refused with the privilege %s', async (privilege) => {
    const role = pg.escapeIdentifier(decodeURIComponent(new URL(appUrl).username));
    await owner.query(`GRANT ${privilege} TO ${role}`);
    try {
      await expect(assertAppRole(DEPLOYED, app)).rejects.toThrow('may change the audit log');
    } finally {
      await owner.query(`REVOKE ${privilege} FROM ${role}`);
    }
    await expect(assertAppRole(DEPLOYED, app)).resolves.toBeUndefined();
  });
});
