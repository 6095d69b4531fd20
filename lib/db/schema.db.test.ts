import { readFileSync } from 'node:fs';
import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { createTestDatabase } from '../../local/test/database';
import { diffSchemaAgainstDatabase } from '../../prisma/migrate';

const database = await createTestDatabase();

async function columns(): Promise<{ table: string; column: string }[]> {
  const client = new pg.Client(database.ownerUrl);
  await client.connect();
  const { rows } = await client.query(`SELECT table_name AS "table", column_name AS "column"
    FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> '_prisma_migrations'`);
  await client.end();
  return rows;
}

describe('the database', () => {
  it('equals prisma/schema.prisma after all migrations', async () => {
    expect(await diffSchemaAgainstDatabase(database.ownerUrl)).toBe('');
  });

  it('has no column that could hold a customer’s credential (C04)', async () => {
    const allowed = new Set([
      'api_keys.hash',
      'connect_attempts.state_hash',
      'evidence_links.hash',
      'connect_attempts.browser_digest',
      'connect_attempts.confirmation_digest',
      'invitations.link_digest',
      'audit_events.prev_hash',
      'audit_events.hash',
      'audit_chains.head_hash',
      'audit_archives.last_hash',
      // SHA-256 of an identifier, of tokens that customers' issuers signed and that only mint here.
      'workload_tokens.fingerprint',
      'workload_tokens.expires_at',
    ]);
    const suspicious = (await columns())
      .map(({ table, column }) => `${table}.${column}`)
      .filter((name) =>
        /token|secret|password|credential|hash|digest|refresh|access|private_key|pem/.test(name),
      );
    expect(suspicious.filter((name) => !allowed.has(name))).toEqual([]);
  });

  it('grants privileges on every table of the schema explicitly', () => {
    const grants = readFileSync('prisma/grants.sql', 'utf8');
    const tables = [...readFileSync('prisma/schema.prisma', 'utf8').matchAll(/@@map\("(\w+)"\)/g)].map(
      (match) => match[1],
    );
    const enums = new Set(['role', 'installation_status', 'connect_attempt_status']);
    for (const table of tables) if (table && !enums.has(table)) expect(grants).toContain(`"${table}"`);
  });
});
