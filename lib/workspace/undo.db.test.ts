import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { beforeEach, describe, expect, it } from 'vitest';
import type { UserActor } from '../actor';
import { makeUser, makeWorkspace, readAudit, startTestApp, TEST_ORIGIN } from '../auth/test-fixtures';
import type { Role } from '../contract/members';
import { getDb } from '../db/client';
import { setApiKeysAllowed } from './api-keys-allowed';
import { createInvitation, revokeInvitation } from './invitations';
import { changeMemberRole, removeMember } from './members';
import { transferOwnership } from './ownership';
import { renameWorkspace } from './rename-workspace';
import { REVERSALS, type ReversibleType } from './reversals';
import { eventOf, findUndoable, undoEvent } from './undo';

const environment = await startTestApp();

/** Every request has an id of its own, which the server gives it. */
const by = (workspaceId: string, actor: UserActor) => ({
  workspaceId,
  actor,
  origin: { ...TEST_ORIGIN, requestId: randomUUID() },
});
type By = ReturnType<typeof by>;

const TYPES = Object.keys(REVERSALS) as ReversibleType[];

let workspaceId: string;
let owner: UserActor;
let second: UserActor;
let admin: UserActor;
let member: UserActor;

beforeEach(async () => {
  const { id, people } = await makeWorkspace('owner', 'owner', 'admin', 'member');
  workspaceId = id;
  [owner, second, admin, member] = people as [UserActor, UserActor, UserActor, UserActor];
});

/** Does something in a request of its own, and returns the number of the event that it recorded. */
async function done(actor: UserActor, type: ReversibleType, act: (by: By) => Promise<unknown>) {
  const caller = by(workspaceId, actor);
  await act(caller);
  const seq = await eventOf(caller, type);
  if (seq === null) throw new Error(`no event of the type ${type} was recorded`);
  return seq;
}

const roleOf = async ({ id: userId }: UserActor) =>
  (
    await getDb().membership.findUnique({
      where: { workspaceId_userId: { workspaceId, userId } },
      select: { role: true },
    })
  )?.role;
const demote = (actor: UserActor, whom = admin, role: Role = 'member') =>
  done(actor, 'member.role_changed', (caller) => changeMemberRole(caller, whom.id, role));
const undo = async (actor: UserActor, seq: string) => (await undoEvent(by(workspaceId, actor), seq)) !== null;
/** Returns the event with this number, if a notice of any type would offer to undo it. */
async function offered(actor: UserActor, role: Role, seq: string | undefined, within = workspaceId) {
  const found = await Promise.all(
    TYPES.map((type) => findUndoable({ workspaceId: within, actor, role }, seq, type)),
  );
  return found.find((event) => event !== null) ?? null;
}
const eventsFrom = (seq: bigint) =>
  getDb().auditEvent.findMany({ where: { workspaceId, seq: { gte: seq } }, orderBy: { seq: 'asc' } });
const typesSince = async (seq: string) => (await eventsFrom(BigInt(seq) + 1n)).map(({ type }) => type);

describe('an undo restores', () => {
  const workspace = () => getDb().workspace.findUniqueOrThrow({ where: { id: workspaceId } });
  const invitations = () => getDb().invitation.findMany({ where: { workspaceId, acceptedAt: null } });

  it('a changed role', async () => {
    const seq = await demote(owner);
    expect(await offered(owner, 'owner', seq)).toMatchObject({
      seq: Number(seq),
      type: 'member.role_changed',
    });
    expect(await undoEvent(by(workspaceId, owner), seq)).toEqual({ type: 'member.role_changed' });
    expect(await roleOf(admin)).toBe('admin');
    expect((await readAudit(workspaceId)).at(-1)).toMatchObject({
      type: 'member.role_changed',
      actorId: owner.id,
      details: { user_id: admin.id, from: 'member', to: 'admin' },
    });
  });

  it('a revoked invitation, by a new one with a new link', async () => {
    const { id } = await createInvitation(by(workspaceId, admin), 'mia@acme.test', 'admin');
    const [before] = await invitations();
    const seq = await done(admin, 'member.invitation_revoked', (caller) => revokeInvitation(caller, id));
    expect(await invitations()).toEqual([]);
    const undone = await undoEvent(by(workspaceId, admin), seq);
    const [after] = await invitations();
    // The page needs the id, to show the new link.
    expect(undone).toEqual({ type: 'member.invitation_revoked', invitation: after?.id });
    expect(after).toMatchObject({ email: 'mia@acme.test', role: 'admin' });
    expect(after?.linkDigest).not.toEqual(before?.linkDigest);
    expect(await typesSince(seq)).toEqual(['member.invited']);
  });

  it('a new name', async () => {
    const { name } = await workspace();
    const seq = await done(owner, 'workspace.renamed', (caller) => renameWorkspace(caller, 'Acme'));
    expect(await undo(owner, seq)).toBe(true);
    expect((await workspace()).name).toBe(name);
    expect(await typesSince(seq)).toEqual(['workspace.renamed']);
  });

  it('keys that were forbidden, and keys that were allowed', async () => {
    const forbidden = await done(admin, 'workspace.api_keys_forbidden', (caller) =>
      setApiKeysAllowed(caller, false),
    );
    expect(await undo(admin, forbidden)).toBe(true);
    expect((await workspace()).apiKeysAllowed).toBe(true);
    await setApiKeysAllowed(by(workspaceId, owner), false);
    const allowed = await done(admin, 'workspace.api_keys_allowed', (caller) =>
      setApiKeysAllowed(caller, true),
    );
    // The older event is no longer the state of the workspace.
    expect(await undo(admin, forbidden)).toBe(false);
    expect(await undo(admin, allowed)).toBe(true);
    expect((await workspace()).apiKeysAllowed).toBe(false);
  });
});

describe('an undo is neither offered nor done', () => {
  const refused = async (actor: UserActor, role: Role, seq: string) => {
    expect(await offered(actor, role, seq)).toBeNull();
    const before = await readAudit(workspaceId);
    expect(await undo(actor, seq)).toBe(false);
    expect(await readAudit(workspaceId)).toEqual(before);
  };

  it('to anybody but the actor', async () => {
    const seq = await demote(owner);
    await refused(second, 'owner', seq);
    await refused(admin, 'member', seq);
    expect(await roleOf(admin)).toBe('member');
  });

  it('twice', async () => {
    const seq = await demote(owner);
    expect(await undo(owner, seq)).toBe(true);
    await refused(owner, 'owner', seq);
    expect(await roleOf(admin)).toBe('admin');
  });

  it('twice, even if many clicks arrive concurrently', async () => {
    const seq = await demote(owner);
    const results = await Promise.all(Array.from({ length: 8 }, () => undo(owner, seq)));
    expect(results.filter(Boolean)).toHaveLength(1);
    expect(await typesSince(seq)).toEqual(['member.role_changed']);
  });

  it('after a later change by somebody else, even if the state is the same again', async () => {
    const seq = await demote(owner);
    await changeMemberRole(by(workspaceId, second), admin.id, 'admin');
    await refused(owner, 'owner', seq);
    await changeMemberRole(by(workspaceId, second), admin.id, 'member');
    await refused(owner, 'owner', seq);
    expect(await roleOf(admin)).toBe('member');
  });

  it('over a change by somebody else that commits concurrently', async () => {
    for (let round = 0; round < 5; round++) {
      const seq = await demote(owner, member, round % 2 ? 'member' : 'admin');
      const results = await Promise.allSettled([
        undo(owner, seq),
        changeMemberRole(by(workspaceId, second), member.id, 'owner'),
      ]);
      expect(results[1].status).toBe('fulfilled');
      // The other owner's decision stands, in either order.
      expect(await roleOf(member)).toBe('owner');
      await changeMemberRole(by(workspaceId, second), member.id, round % 2 ? 'member' : 'admin');
    }
  });

  it('after the member was removed, or the invited person was invited again', async () => {
    const seq = await demote(owner);
    await removeMember(by(workspaceId, second), admin.id);
    await refused(owner, 'owner', seq);
    expect(await roleOf(admin)).toBeUndefined();

    const { id } = await createInvitation(by(workspaceId, owner), 'mia@acme.test', 'admin');
    const revoked = await done(owner, 'member.invitation_revoked', (caller) => revokeInvitation(caller, id));
    await createInvitation(by(workspaceId, second), 'mia@acme.test', 'member');
    await refused(owner, 'owner', revoked);
  });

  it('in another workspace', async () => {
    const seq = await demote(owner);
    const other = await makeWorkspace();
    await getDb().membership.create({ data: { workspaceId: other.id, userId: owner.id, role: 'owner' } });
    expect(await undoEvent(by(other.id, owner), seq)).toBeNull();
    expect(await offered(owner, 'owner', seq, other.id)).toBeNull();
    expect(await roleOf(admin)).toBe('member');
  });

  it('after ten minutes', async () => {
    const seq = await demote(owner);
    await asOwner((db) =>
      db.query(
        `UPDATE audit_events SET occurred_at = now() - interval '601 seconds' WHERE workspace_id = $1 AND seq = $2`,
        [workspaceId, seq],
      ),
    );
    await refused(owner, 'owner', seq);
  });

  it('for one part of an action that changed several things', async () => {
    // The demotion of an inviter also revokes what they could no longer send.
    await createInvitation(by(workspaceId, admin), 'mallory@evil.test', 'admin');
    const demoted = await demote(owner);
    const events = await eventsFrom(BigInt(demoted));
    expect(events.map(({ type }) => type)).toEqual(['member.role_changed', 'member.invitation_revoked']);
    for (const { seq } of events) await refused(owner, 'owner', String(seq));

    const transferred = await done(owner, 'member.role_changed', (caller) =>
      transferOwnership(caller, member.id),
    );
    await changeMemberRole(by(workspaceId, second), owner.id, 'owner');
    await refused(owner, 'owner', transferred);
  });

  it('for an event that cannot be undone, or an invalid number', async () => {
    await removeMember(by(workspaceId, owner), member.id);
    const [event] = await eventsFrom(0n);
    for (const seq of [String(event?.seq), '0', '-1', '1e3', '1 OR 1=1', '', '9'.repeat(20)])
      await refused(owner, 'owner', seq);
    expect(await offered(owner, 'owner', undefined)).toBeNull();
  });
});

describe('an undo needs what the action itself needs', () => {
  it('the role as of now: a demoted admin is refused', async () => {
    const seq = await demote(admin, member, 'admin');
    await changeMemberRole(by(workspaceId, owner), admin.id, 'member');
    expect(await offered(admin, 'member', seq)).toBeNull();
    await expect(undo(admin, seq)).rejects.toMatchObject({ code: 'forbidden' });
    expect(await roleOf(member)).toBe('admin');
  });

  it('authority over both roles: an owner who stepped down cannot appoint themselves again', async () => {
    const seq = await demote(owner, owner, 'admin');
    expect(await offered(owner, 'admin', seq)).toBeNull();
    await expect(undo(owner, seq)).rejects.toMatchObject({ code: 'forbidden' });
    expect(await roleOf(owner)).toBe('admin');
  });

  it('the role for a rename and for keys, in every reversal', async () => {
    const renamed = await done(owner, 'workspace.renamed', (caller) => renameWorkspace(caller, 'Acme'));
    await changeMemberRole(by(workspaceId, second), owner.id, 'admin');
    expect(await offered(owner, 'admin', renamed)).toBeNull();
    await expect(undo(owner, renamed)).rejects.toMatchObject({ code: 'forbidden' });
    const forbidden = await done(admin, 'workspace.api_keys_forbidden', (caller) =>
      setApiKeysAllowed(caller, false),
    );
    await changeMemberRole(by(workspaceId, second), admin.id, 'member');
    expect(await offered(admin, 'member', forbidden)).toBeNull();
    await expect(undo(admin, forbidden)).rejects.toMatchObject({ code: 'forbidden' });
  });

  it('a membership: who left undoes nothing', async () => {
    const seq = await demote(admin, member, 'admin');
    await removeMember(by(workspaceId, owner), admin.id);
    await expect(undo(admin, seq)).rejects.toMatchObject({ code: 'forbidden' });
    expect(await roleOf(member)).toBe('admin');
  });

  it('room for the invitation, and that nobody with the address is a member', async () => {
    const { id } = await createInvitation(by(workspaceId, admin), 'mia@acme.test', 'member');
    const seq = await done(admin, 'member.invitation_revoked', (caller) => revokeInvitation(caller, id));
    await getDb().invitation.createMany({
      data: Array.from({ length: 200 }, (_, n) => ({
        workspaceId,
        email: `${n}@acme.test`,
        role: 'member' as const,
        expiresAt: new Date(Date.now() + 60_000_000),
      })),
    });
    await expect(undo(admin, seq)).rejects.toMatchObject({ code: 'invalid_request' });
    await getDb().invitation.deleteMany({ where: { workspaceId } });
    const { id: userId } = await makeUser('mia@acme.test');
    await getDb().membership.create({ data: { workspaceId, userId, role: 'member' } });
    await expect(undo(admin, seq)).rejects.toMatchObject({ code: 'invalid_request' });
  });
});

it('offers only what the page’s notice is about', async () => {
  const seq = await demote(owner);
  const reader = { workspaceId, actor: owner, role: 'owner' as const };
  expect(await findUndoable(reader, seq, 'member.role_changed')).not.toBeNull();
  expect(await findUndoable(reader, seq, 'workspace.renamed')).toBeNull();
});

it('names no event for a request that changed nothing', async () => {
  const caller = by(workspaceId, owner);
  await changeMemberRole(caller, admin.id, 'admin');
  expect(await eventOf(caller, 'member.role_changed')).toBeNull();
});

/** Connects as the owner of the tables, without the triggers that keep events from being changed. */
async function asOwner(work: (db: pg.Client) => Promise<unknown>): Promise<void> {
  const db = new pg.Client(environment.OWNER_DATABASE_URL);
  await db.connect();
  try {
    await db.query('ALTER TABLE audit_events DISABLE TRIGGER USER');
    await work(db);
    await db.query('ALTER TABLE audit_events ENABLE TRIGGER USER');
  } finally {
    await db.end();
  }
}
