import { expect, it } from 'vitest';
import type { AuditEvent } from '../contract/audit-event';
import { ChainWalk, GENESIS_HASH, hashAuditEvent } from './chain';

/** Creates an event with the correct hash. */
function makeEvent(seq: number, prev_hash: string, label = 'engine'): AuditEvent {
  const event: AuditEvent = {
    id: '00000000-0000-4000-8000-000000000000',
    seq,
    type: 'member.added',
    occurred_at: '2026-03-01T12:00:00.000Z',
    actor: { type: 'user', id: 'u', label },
    workspace: 'acme',
    installation_id: null,
    client_ip: null,
    user_agent: null,
    request_id: 'r',
    details: {},
    prev_hash,
    hash: '',
  };
  return { ...event, hash: hashAuditEvent(event) };
}

const first = makeEvent(1, GENESIS_HASH);
const second = makeEvent(2, first.hash);
const third = makeEvent(3, second.hash);

function walk(...events: AuditEvent[]) {
  const chain = new ChainWalk();
  return { sound: events.every((event) => chain.add(event)), bad: chain.firstBad, head: chain.head };
}

it('accepts an intact chain and ends with the hash of its last event', () => {
  expect(walk(first, second, third)).toEqual({ sound: true, bad: undefined, head: third.hash });
});

it('rejects the event after one that was rewritten together with its hash', () => {
  expect(walk(first, makeEvent(2, first.hash, 'nobody'), third)).toMatchObject({ sound: false, bad: 3 });
});

it('rejects a chain that starts elsewhere, skips an event or repeats one', () => {
  expect(walk(second, third)).toMatchObject({ sound: false, bad: 1 });
  expect(walk(first, third)).toMatchObject({ sound: false, bad: 2 });
  expect(walk(first, second, second)).toMatchObject({ sound: false, bad: 2 });
  expect(walk(makeEvent(1, 'f'.repeat(64)))).toMatchObject({ sound: false, bad: 1 });
});
