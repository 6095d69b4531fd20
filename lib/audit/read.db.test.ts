import { beforeAll, describe, expect, it } from 'vitest';
import { SYSTEM_CLI } from '../actor';
import { makeWorkspace, startTestApp, TEST_ORIGIN } from '../auth/test-fixtures';
import { type CanonicalRow, toEvent } from './canonical-rows';
import { emptyBatch, MOST_BYTES, MOST_ROWS, readAuditEvents, readBatch } from './read';
import { recordAuditEventNow } from './record';
import { untyped } from './test-event';

await startTestApp();

/** The repository names of a mint for 500 repositories with very long names. */
const WIDE = Array.from({ length: 500 }, (_, n) => `${'o'.repeat(100)}/${String(n).padStart(100, 'r')}`);
const WIDE_BYTES = JSON.stringify(WIDE).length;

let workspaceId: string;

beforeAll(async () => {
  ({ id: workspaceId } = await makeWorkspace());
  const record = (repositories: string[]) =>
    recordAuditEventNow(
      untyped({
        workspaceId,
        type: 'github.token_minted',
        actor: SYSTEM_CLI,
        origin: TEST_ORIGIN,
        details: { repositories },
      }),
    );
  for (let n = 0; n < 150; n++) await record([]);
  for (let n = 0; n < 60; n++) await record(WIDE);
  for (let n = 0; n < 150; n++) await record([]);
});

describe('a batch of audit events', () => {
  const read = async (after: number) => {
    const rows = emptyBatch();
    const batch = await readBatch(rows, { workspaceId, filters: {}, after, upTo: 360 }, MOST_ROWS);
    return { ...batch, events: [...rows.unpack()].map((row) => toEvent(row as CanonicalRow)) };
  };

  it('is limited in bytes, however large its rows are', async () => {
    const { events, isLast, nextLimit } = await read(150);
    const bytes = events.reduce((sum, { details }) => sum + JSON.stringify(details).length, 0);
    expect(bytes).toBeLessThan(MOST_BYTES + 2 * WIDE_BYTES);
    expect(events.length).toBeGreaterThan(MOST_BYTES / WIDE_BYTES / 2);
    expect(events[0]?.seq).toBe(151);
    expect(isLast).toBe(false);
    // Otherwise, the database would read a thousand such rows for every ten rows that it returns.
    expect(nextLimit).toBe(events.length);
  });

  it('is marked as the last one only when nothing follows', async () => {
    const { events, isLast } = await read(210);
    expect(isLast).toBe(true);
    expect(events.map(({ seq }) => seq)).toEqual(Array.from({ length: 150 }, (_, n) => 211 + n));
  });
});

it('reads every event once and in order, small or large, with and without a filter', async () => {
  const seqs = async (filters = {}) => {
    const found: number[] = [];
    for await (const { seq } of readAuditEvents(workspaceId, filters)) found.push(seq);
    return found;
  };
  const all = Array.from({ length: 360 }, (_, n) => n + 1);
  expect(await seqs()).toEqual(all);
  expect(await seqs({ type: 'github.token_minted' })).toEqual(all);
  expect(await seqs({ q: 'rrr' })).toEqual(all.slice(150, 210));
  expect(await seqs({ q: 'nothing' })).toEqual([]);
});
