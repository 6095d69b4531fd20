import { hash } from 'node:crypto';
import { inflateSync } from 'node:zlib';
import { NextRequest } from 'next/server';
import { encode } from 'next-auth/jwt';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as publicKeys from '@/app/.well-known/evidence-keys.pem/route';
import { useSigningKey } from '@/app/api/test-faults';
import type { UserActor } from '@/lib/actor';
import { readChainHead } from '@/lib/audit/read';
import { makeUser, readAudit, TEST_ORIGIN } from '@/lib/auth/test-fixtures';
import { getConfig } from '@/lib/config';
import { getDb } from '@/lib/db/client';
import type { Evidence } from '@/lib/evidence/collect';
import { issueEvidence } from '@/lib/evidence/issue';
import { readKeys } from '@/lib/evidence/keys';
import { verifyEvidence } from '@/lib/evidence/signature';
import { notFound } from '@/lib/problem';
import { connectedScene, type Scene } from '@/lib/testing/test-scene';
import { startTestWorld } from '@/lib/testing/test-world';
import { mintToken } from '@/lib/token/mint';
import { newEvidenceKey } from '@/local/services/evidence-key';
import { GET } from './route';

const SIGNING_KEY = newEvidenceKey();
const world = await startTestWorld({ EVIDENCE_SIGNING_KEY: SIGNING_KEY });
const owner = new pg.Client(world.environment.OWNER_DATABASE_URL);
afterAll(() => owner.end());

/** A name that a PDF reader's own fonts can't show, with a control character and far too long for a line. */
const HOSTILE = `東京 (\\) <b> \u0007 ${'x'.repeat(150)}`;

let scene: Scene;
let member: UserActor;
beforeAll(async () => {
  await owner.connect();
  scene = await connectedScene(world, { account: 'acme', by: 'olivia' });
  member = await makeUser();
  await getDb().membership.create({
    data: { workspaceId: scene.workspaceId, userId: member.id, role: 'member' },
  });
  const by = { workspaceId: scene.workspaceId, actor: scene.actor, origin: TEST_ORIGIN };
  await mintToken({ ...by, request: {} });
  await mintToken({ ...by, request: {} });
  await expect(mintToken({ ...by, request: { repositories: ['acme/missing'] } })).rejects.toThrow();
});

async function get(by: UserActor | null, query = '', workspace = scene.slug) {
  const headers = new Headers({ origin: 'http://localhost:3000', 'x-forwarded-for': '192.0.2.9' });
  if (by !== null) {
    const jwt = await encode({ token: { sub: by.id }, secret: getConfig().auth.secret });
    headers.set('cookie', `next-auth.session-token=${jwt}`);
  }
  const request = new NextRequest(`http://localhost:3000/api/v1/x${query}`, { headers });
  const response = await GET(request, { params: Promise.resolve({ workspace }) });
  return { response, file: Buffer.from(await response.arrayBuffer()) };
}

const keys = async () => readKeys(await publicKeys.GET().text());
const issued = async () =>
  (await readAudit(scene.workspaceId)).filter(({ type }) => type === 'evidence.issued');

/** Returns the text of a PDF's pages, in their order. */
function textOf(file: Buffer): string {
  const source = file.toString('latin1');
  const streams = [...source.matchAll(/stream\r?\n([\s\S]*?)\r?\nendstream/g)].map(([, data = '']) => {
    try {
      return inflateSync(Buffer.from(data, 'latin1')).toString('latin1');
    } catch {
      return '';
    }
  });
  return streams
    .flatMap((stream) => [...stream.matchAll(/\[([^\]]*)\] TJ/g)])
    .map(([, parts = '']) =>
      [...parts.matchAll(/<([0-9a-f]*)>/g)]
        .map(([, hex = '']) => Buffer.from(hex, 'hex').toString('latin1'))
        .join(''),
    )
    .join('\n');
}

describe('a JSON pack', () => {
  it('is verified by the published keys, and has what GitHub, the catalogue and the chain say', async () => {
    const { response, file } = await get(scene.actor);
    expect([response.status, response.headers.get('content-disposition')]).toEqual([
      200,
      expect.stringMatching(/^attachment; filename="evidence-[\w-]+-\d{4}-\d\d-\d\d\.json"$/),
    ]);
    const verified = verifyEvidence(file, await keys());
    expect(verified).toMatchObject({ ok: true, format: 'json' });
    const { evidence } = JSON.parse(file.toString()) as { evidence: Evidence };
    expect(evidence.app).toMatchObject({
      id: world.github.app.id,
      permissions: { contents: 'read', metadata: 'read' },
    });
    expect(evidence.workspace.slug).toBe(scene.slug);
    expect(evidence.audit_log).toMatchObject({ intact: true, first_bad: null, archived: 0 });
    expect(evidence.period).toMatchObject({ minted: 2, denied: 1, complete: true });
    expect(evidence.period.days.reduce((sum, { minted }) => sum + minted, 0)).toBe(2);
    expect(evidence.claims).toHaveLength(24);
    expect(evidence.claims).toContainEqual(expect.objectContaining({ id: 'C23', state: 'holds' }));
    expect(evidence.stored.tables.map(({ name }) => name)).toContain('installations');
    expect(evidence.stored.undeclared).toEqual([]);
    const head = await readChainHead(scene.workspaceId);
    // The event about the pack is the one after the pack's head.
    expect(evidence.audit_log.events).toBe(head.seq - 1);
    const { rows } = await owner.query(
      'SELECT prev_hash FROM audit_events WHERE workspace_id = $1 AND seq = $2',
      [scene.workspaceId, head.seq],
    );
    expect(rows).toEqual([{ prev_hash: evidence.audit_log.head_hash }]);
    expect((await issued()).at(-1)).toMatchObject({
      details: { format: 'json', file_sha256: hash('sha256', file), key_id: [...(await keys()).keys()][0] },
    });
  });

  it('holds no secret of the configuration, no person and no address', async () => {
    const text = (await get(scene.actor)).file.toString();
    const { email } = await getDb().user.findUniqueOrThrow({ where: { id: scene.actor.id } });
    const values = Object.entries(world.environment).filter(([name]) =>
      /SECRET|KEY|TOKEN|DATABASE/.test(name),
    );
    expect(values.length).toBeGreaterThan(4);
    for (const [name, value] of [
      ...values,
      ['email', email],
      ['address', '192.0.2.9'],
      ['id', scene.actor.id],
    ])
      expect([name, text.includes(value ?? '')]).toEqual([name, false]);
  });
});

describe('a PDF pack', () => {
  it('is verified by the published keys, and says the same to people', async () => {
    const { response, file } = await get(scene.actor, '?format=pdf');
    expect(response.headers.get('content-type')).toBe('application/pdf');
    expect(verifyEvidence(file, await keys())).toMatchObject({ ok: true, format: 'pdf' });
    const text = textOf(file);
    expect(text).toContain(`Evidence pack: ${scene.slug}`);
    expect(text).toMatch(/Permissions: contents: read, metadata: read, reported/);
    expect(text).toMatch(/Intact: \d+ events/);
    expect(text).toContain('2 issued, 1 refused');
    expect(text).toContain('openssl pkeyutl -verify');
    // Screen readers find the headings and the language.
    const source = file.toString('latin1');
    expect(source).toMatch(/\/MarkInfo/);
    expect(source).toMatch(/\/Lang \(en\)/);
    expect(source).toMatch(/\/S \/H2/);
  });

  it('is refused after a change of one byte at any of many places', async () => {
    const { file } = await get(scene.actor, '?format=pdf');
    const published = await keys();
    const accepted: number[] = [];
    for (let at = 0; at < file.length; at += at > 500 && at < file.length - 500 ? 61 : 1) {
      const changed = Buffer.from(file);
      changed[at] = (changed[at] ?? 0) ^ 1;
      if (verifyEvidence(changed, published).ok) accepted.push(at);
    }
    expect(accepted).toEqual([]);
  });

  it('shows a workspace’s hostile name as text, and the JSON has all of it', async () => {
    await getDb().workspace.update({ where: { id: scene.workspaceId }, data: { name: HOSTILE } });
    const pdf = textOf((await get(scene.actor, '?format=pdf')).file);
    expect(pdf).toContain('?? (\\) <b>');
    const { evidence } = JSON.parse((await get(scene.actor)).file.toString()) as { evidence: Evidence };
    expect(evidence.workspace.name).toBe(HOSTILE);
  });
});

describe('a pack is not issued', () => {
  it.each([
    ['without a session', () => null, 401],
    ['to a member below admin', () => member, 403],
  ])('%s', async (_, by, status) => {
    const before = (await issued()).length;
    expect((await get(by())).response.status).toBe(status);
    expect((await issued()).length).toBe(before);
  });

  it('to an admin of another workspace, who gets the response for a missing one', async () => {
    const other = await connectedScene(world, { account: 'globex', by: 'eve' });
    const { response: foreign, file } = await get(other.actor);
    const { response: missing, file: same } = await get(other.actor, '', 'no-such-workspace');
    expect([foreign.status, missing.status]).toEqual([404, 404]);
    const withoutId = (body: Buffer) => body.toString().replace(/"request_id":"[^"]*"/, '');
    expect(withoutId(file)).toBe(withoutId(same));
  });

  it('without a signing key, and nothing is recorded', async () => {
    const before = (await issued()).length;
    useSigningKey(undefined);
    try {
      const { response, file } = await get(scene.actor);
      expect(response.status).toBe(503);
      expect(JSON.parse(file.toString())).toMatchObject({
        code: 'evidence_unavailable',
        detail: expect.stringContaining('EVIDENCE_SIGNING_KEY'),
      });
      expect(await publicKeys.GET().text()).toBe('');
    } finally {
      useSigningKey(SIGNING_KEY);
    }
    expect((await issued()).length).toBe(before);
  });

  it('to an admin who loses the role while it is made', async () => {
    const before = (await issued()).length;
    const order = {
      workspace: { id: scene.workspaceId, slug: scene.slug, name: 'Acme' },
      format: 'json',
      actor: scene.actor,
      origin: TEST_ORIGIN,
    } as const;
    const gone = async () => {
      throw notFound();
    };
    await expect(issueEvidence({ ...order, stillAllowed: gone })).rejects.toMatchObject({
      code: 'not_found',
    });
    expect((await issued()).length).toBe(before);
  });
});

it('says in the pack that a chain is broken, and where', async () => {
  await owner.query('ALTER TABLE audit_events DISABLE TRIGGER USER');
  await owner.query("UPDATE audit_events SET type = 'x' WHERE workspace_id = $1 AND seq = 1", [
    scene.workspaceId,
  ]);
  await owner.query('ALTER TABLE audit_events ENABLE TRIGGER USER');
  const { evidence } = JSON.parse((await get(scene.actor)).file.toString()) as { evidence: Evidence };
  expect(evidence.audit_log).toMatchObject({ intact: false, first_bad: 1 });
  expect(evidence.claims).toContainEqual(expect.objectContaining({ id: 'C23', state: 'does_not_hold' }));
  expect(textOf((await get(scene.actor, '?format=pdf')).file)).toContain('BROKEN at event 1.');
});
