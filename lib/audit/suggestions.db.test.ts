import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeWorkspace, startTestApp } from '../auth/test-fixtures';
import { AuditEventsQuery } from '../contract/audit-event';
import { listAuditEvents } from './list';
import { findPreviousUse } from './previous-use';
import { findAuditEvent } from './read';
import { suggestActors } from './suggestions';

const environment = await startTestApp();
const owner = new pg.Client(environment.OWNER_DATABASE_URL);
beforeAll(() => owner.connect());
afterAll(() => owner.end());

type Row = [type: string, label: string, ip: string | null];

async function logOf(rows: Row[]): Promise<string> {
  const { id } = await makeWorkspace();
  for (const [type, label, ip] of rows)
    await owner.query(
      `INSERT INTO audit_events (workspace_id, type, actor_type, actor_id, actor_label, client_ip, request_id, details)
        VALUES ($1, 'member.added', $2, $3, $4, $5, 'r', '{}')`,
      [id, type, `id of ${label}`, label, ip],
    );
  return id;
}

it('suggests each actor of a log once, as its pages show it, and none of another log', async () => {
  await logOf([['user', 'theirs@acme.test', null]]);
  const id = await logOf([
    ['user', 'olivia@acme.test', null],
    ['api_key', 'engine', null],
    ['user', 'olivia@acme.test', null],
    ['system', 'system:sync', null],
    ['workload', 'repo:acme/api:ref:refs/heads/main', null],
  ]);
  expect((await suggestActors(id)).sort()).toEqual([
    'PulseStream (sync)',
    'engine (API key)',
    'olivia@acme.test',
    'repo:acme/api:ref:refs/heads/main (workload)',
  ]);
  expect(await suggestActors((await makeWorkspace()).id)).toEqual([]);
});

it('suggests at most sixty actors', async () => {
  const id = await logOf(Array.from({ length: 70 }, (_, n) => ['user', `${n}@acme.test`, null] as Row));
  expect(await suggestActors(id)).toHaveLength(60);
});

it('finds the last events of the same address and of the same actor before an event', async () => {
  // Another log has events of the same address and actor under the numbers between.
  await logOf(Array.from({ length: 4 }, () => ['user', 'olivia@acme.test', '203.0.113.7'] as Row));
  const id = await logOf([
    ['user', 'olivia@acme.test', '203.0.113.7'],
    ['user', 'sam@acme.test', '203.0.113.7'],
    ['user', 'olivia@acme.test', null],
    ['user', 'olivia@acme.test', '203.0.113.7'],
    ['user', 'olivia@acme.test', '203.0.113.7'],
  ]);
  const { data } = await listAuditEvents(id, AuditEventsQuery.parse({ order: 'oldest' }));
  const previous = async (seq: number) => {
    const event = data[seq - 1];
    if (event === undefined) throw new Error(`no event ${seq}`);
    const { ofAddress, ofActor } = await findPreviousUse(id, event);
    return [ofAddress?.seq ?? null, ofActor?.seq ?? null];
  };
  expect(await previous(1)).toEqual([null, null]);
  expect(await previous(2)).toEqual([1, null]);
  expect(await previous(3)).toEqual([null, 1]);
  expect(await previous(4)).toEqual([2, 3]);
});

it('finds the last event by its number, not by the number’s first digits', async () => {
  const id = await logOf(
    Array.from({ length: 12 }, () => ['user', 'olivia@acme.test', '203.0.113.7'] as Row),
  );
  const event = await findAuditEvent(id, '12');
  const { ofAddress, ofActor } = await findPreviousUse(id, event ?? expect.fail('no event 12'));
  expect([ofAddress?.seq, ofActor?.seq]).toEqual([11, 11]);
});

it('finds an actor by an email address in any letter case', async () => {
  const id = await logOf([
    ['user', 'olivia@acme.test', null],
    ['api_key', 'Engine', null],
  ]);
  const found = async (actor: string) =>
    (await listAuditEvents(id, AuditEventsQuery.parse({ actor }))).data.map(({ seq }) => seq);
  expect(await found('Olivia@ACME.test')).toEqual([1]);
  // Names of keys differ by case.
  expect(await found('engine')).toEqual([]);
});
