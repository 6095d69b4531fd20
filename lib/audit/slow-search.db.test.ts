import pg from 'pg';
import { expect, it } from 'vitest';
import { SYSTEM_CLI } from '../actor';
import { makeWorkspace, startTestApp, TEST_ORIGIN } from '../auth/test-fixtures';
import { AuditEventsQuery } from '../contract/audit-event';
import { listAuditEvents } from './list';
import { recordAuditEventNow } from './record';

const environment = await startTestApp();

it('says how to shorten a search that took too long, by a period only if it has none', async () => {
  const { id } = await makeWorkspace();
  // A search of an empty log reads nothing.
  await recordAuditEventNow({
    workspaceId: id,
    type: 'github.approval_requested',
    actor: SYSTEM_CLI,
    origin: TEST_ORIGIN,
  });
  const search = (filters: Record<string, string>) =>
    listAuditEvents(
      id,
      AuditEventsQuery.parse({ repository: 'acme/api', ip: '-10.0.0.0/8', limit: '25', ...filters }),
    ).catch((error: unknown) => error);
  const owner = new pg.Client(environment.OWNER_DATABASE_URL);
  await owner.connect();
  try {
    // Every search waits for the table until its statement has run for too long.
    await owner.query('BEGIN; LOCK TABLE audit_events');
    const [whole, ofDay] = await Promise.all([search({}), search({ from: '2026-11-24T00:00:00Z' })]);
    expect(whole).toMatchObject({
      code: 'database_unavailable',
      message: 'This search took too long. Choose a period, such as the last 30 days.',
    });
    expect(ofDay).toMatchObject({
      code: 'database_unavailable',
      message: 'This search took too long. Narrow it down and try again.',
    });
  } finally {
    await owner.end();
  }
});
