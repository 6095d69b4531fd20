import { hash } from 'node:crypto';
import { NextRequest } from 'next/server';
import { encode } from 'next-auth/jwt';
import { beforeAll, describe, expect, it } from 'vitest';
import * as publicKeys from '@/app/.well-known/evidence-keys.pem/route';
import * as openRoute from '@/app/api/evidence/open/route';
import * as packRoute from '@/app/api/evidence/pack/route';
import { newEvidenceKey } from '../../local/services/evidence-key';
import type { UserActor } from '../actor';
import { makeUser, makeWorkspace, readAudit, TEST_ORIGIN } from '../auth/test-fixtures';
import { getConfig } from '../config';
import { getDb } from '../db/client';
import { connectedScene, type Scene } from '../testing/test-scene';
import { startTestWorld } from '../testing/test-world';
import { closeWorkspace } from '../workspace/close-workspace';
import { readKeys } from './keys';
import {
  createEvidenceLink,
  listEvidenceLinks,
  MOST_LINKS,
  openEvidenceLink,
  revokeEvidenceLink,
} from './links';
import { verifyEvidence } from './signature';

const world = await startTestWorld({ EVIDENCE_SIGNING_KEY: newEvidenceKey() });
const HOUR_MS = 3_600_000;

let scene: Scene;
beforeAll(async () => {
  scene = await connectedScene(world, { account: 'acme', by: 'olivia' });
});

const admin = (of: { workspaceId: string; actor: UserActor } = scene) => ({
  workspaceId: of.workspaceId,
  actor: of.actor,
  origin: TEST_ORIGIN,
});
const create = (name = 'Example Audit', expires_in = HOUR_MS) =>
  createEvidenceLink(admin(), { name, expires_in });
const events = async (type: string, workspaceId = scene.workspaceId) =>
  (await readAudit(workspaceId)).filter((event) => event.type === type);

const NOWHERE = { params: Promise.resolve({}) };
let client = 0;
function nextAddress(): string {
  client += 1;
  return `192.0.2.${client}`;
}
/** Each call comes from an address of its own, so that only the test of the limit meets it. */
const from = (address = nextAddress()) => ({ 'x-forwarded-for': address });

const open = (link: string, address?: string) =>
  openRoute.GET(
    new NextRequest(`http://localhost:3000/api/evidence/open?${new URLSearchParams({ link })}`, {
      headers: from(address),
    }),
    NOWHERE,
  );

function pack(
  cookie: string,
  query = '',
  headers: Record<string, string> = { 'sec-fetch-site': 'same-origin' },
) {
  const request = new NextRequest(`http://localhost:3000/api/evidence/pack${query}`, {
    headers: { cookie, ...from(), ...headers },
  });
  return packRoute.GET(request, NOWHERE);
}

const cookieOf = (response: Response): string => response.headers.get('set-cookie')?.split(';')[0] ?? '';

describe('a link', () => {
  it('is stored as a hash only, and its creation is recorded without the secret', async () => {
    const { id, secret } = await create();
    const row = await getDb().evidenceLink.findUniqueOrThrow({ where: { id } });
    expect(Buffer.from(row.hash).toString('hex')).toBe(hash('sha256', secret));
    expect(secret).toMatch(/^[A-Za-z0-9_-]{43}$/);
    const [event] = (await events('evidence.link_created')).slice(-1);
    expect(event?.details).toEqual({
      link_id: id,
      name: 'Example Audit',
      expires_at: row.expiresAt.toISOString(),
    });
    expect(
      JSON.stringify([await readAudit(scene.workspaceId), await listEvidenceLinks(scene.workspaceId)]),
    ).not.toContain(secret);
  });

  it('leads to a page without the secret in its address, and to no cookie that a script could read', async () => {
    const { secret } = await create();
    const response = await open(secret);
    expect([response.status, response.headers.get('location')]).toEqual([
      303,
      'http://localhost:3000/evidence',
    ]);
    expect(response.headers.get('set-cookie')).toMatch(
      /^pulsestream\.evidence=[\w-]{43}; Path=\/; Max-Age=\d{1,5}; HttpOnly; SameSite=Lax$/,
    );
    expect(response.headers.get('referrer-policy')).toBe('no-referrer');
    expect(response.headers.get('x-robots-tag')).toBe('noindex, nofollow');
    expect(response.headers.get('cache-control')).toBe('no-store');
  });

  it('keeps its cookie no longer than it works', async () => {
    const { secret } = await create('soon', 60_000);
    const [, age] = /Max-Age=(\d+)/.exec((await open(secret)).headers.get('set-cookie') ?? '') ?? [];
    expect(Number(age)).toBeLessThanOrEqual(60);
  });

  it('gives a pack that verifies, which the audit log records with the link', async () => {
    const { id, secret } = await create();
    const response = await pack(cookieOf(await open(secret)), '?format=json');
    const file = Buffer.from(await response.arrayBuffer());
    const keys = readKeys(await publicKeys.GET().text());
    expect(verifyEvidence(file, keys)).toMatchObject({
      ok: true,
      evidence: { workspace: { slug: scene.slug } },
    });
    expect((await events('evidence.issued')).at(-1)).toMatchObject({
      actorId: `system:evidence_link:${id}`,
      details: { link_id: id, file_sha256: hash('sha256', file) },
    });
    const [listed] = (await listEvidenceLinks(scene.workspaceId)).filter((link) => link.id === id);
    expect(listed?.lastUsedAt).not.toBeNull();
  });

  it('is created and revoked by an admin only, at the time of the change', async () => {
    const { id } = await create();
    const member = await makeUser();
    await getDb().membership.create({
      data: { workspaceId: scene.workspaceId, userId: member.id, role: 'member' },
    });
    const by = admin({ workspaceId: scene.workspaceId, actor: member });
    await expect(createEvidenceLink(by, { name: 'x', expires_in: HOUR_MS })).rejects.toMatchObject({
      code: 'forbidden',
    });
    await expect(revokeEvidenceLink(by, id)).rejects.toMatchObject({ code: 'forbidden' });
    expect(await getDb().evidenceLink.findUniqueOrThrow({ where: { id } })).toMatchObject({
      revokedAt: null,
    });
  });

  it('is not found by another workspace’s admin, nor a second time', async () => {
    const { id } = await create();
    const other = await makeWorkspace('admin');
    const [actor] = other.people;
    if (actor === undefined) throw new Error('no admin');
    const by = admin({ workspaceId: other.id, actor });
    await expect(revokeEvidenceLink(by, id)).rejects.toMatchObject({ code: 'not_found' });
    expect(await listEvidenceLinks(other.id)).toEqual([]);
    await revokeEvidenceLink(admin(), id);
    await expect(revokeEvidenceLink(admin(), id)).rejects.toMatchObject({ code: 'not_found' });
    await expect(revokeEvidenceLink(admin(), 'no uuid')).rejects.toMatchObject({ code: 'not_found' });
    expect(
      (await events('evidence.link_revoked')).filter(({ details }) => JSON.stringify(details).includes(id)),
    ).toHaveLength(1);
  });

  it('is one of at most twenty of a workspace, even if they are created concurrently', async () => {
    const other = await makeWorkspace('admin');
    const [actor] = other.people;
    if (actor === undefined) throw new Error('no admin');
    const by = admin({ workspaceId: other.id, actor });
    const created = await Promise.allSettled(
      Array.from({ length: MOST_LINKS + 5 }, (_, n) =>
        createEvidenceLink(by, { name: `${n}`, expires_in: HOUR_MS }),
      ),
    );
    expect(created.filter(({ status }) => status === 'fulfilled')).toHaveLength(MOST_LINKS);
    expect(await listEvidenceLinks(other.id)).toHaveLength(MOST_LINKS);
  });

  it('ends with its workspace', async () => {
    const other = await makeWorkspace('admin');
    const [actor] = other.people;
    if (actor === undefined) throw new Error('no admin');
    const { secret } = await createEvidenceLink(admin({ workspaceId: other.id, actor }), {
      name: 'x',
      expires_in: HOUR_MS,
    });
    expect(await openEvidenceLink(secret)).not.toBeNull();
    await closeWorkspace(other.id, { actor, origin: TEST_ORIGIN });
    expect(await openEvidenceLink(secret)).toBeNull();
  });
});

describe('no evidence is given', () => {
  const ENDS: [string, () => Promise<string>][] = [
    [
      'an expired link',
      async () => {
        const { id, secret } = await create();
        await getDb().evidenceLink.update({ where: { id }, data: { expiresAt: new Date(Date.now() - 1) } });
        return secret;
      },
    ],
    [
      'a revoked link',
      async () => {
        const { id, secret } = await create();
        await revokeEvidenceLink(admin(), id);
        return secret;
      },
    ],
    ['a link that was never made', async () => 'A'.repeat(43)],
    [
      'a link’s hash',
      async () => {
        const { secret } = await create();
        return hash('sha256', secret, 'base64url');
      },
    ],
    ['an empty link', async () => ''],
    ['a link with a NUL', async () => `${'A'.repeat(42)}\0`],
  ];

  it.each(ENDS)('for %s, and all of them get the same response', async (_, secretOf) => {
    const secret = await secretOf();
    const before = (await events('evidence.issued')).length;
    const opened = await open(secret);
    expect([opened.status, opened.headers.get('location'), opened.headers.get('set-cookie')]).toEqual([
      303,
      'http://localhost:3000/evidence',
      null,
    ]);
    const response = await pack(`pulsestream.evidence=${encodeURIComponent(secret)}`);
    expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([404, 'not_found']);
    expect((await events('evidence.issued')).length).toBe(before);
  });

  it('to a request from another site, which would be recorded in the auditor’s name', async () => {
    const cookie = cookieOf(await open((await create()).secret));
    const before = (await events('evidence.issued')).length;
    expect((await pack(cookie, '', { 'sec-fetch-site': 'cross-site' })).status).toBe(403);
    expect((await events('evidence.issued')).length).toBe(before);
  });

  it('to a session’s cookie in the place of the link’s', async () => {
    const jwt = await encode({ token: { sub: scene.actor.id }, secret: getConfig().auth.secret });
    expect((await pack(`next-auth.session-token=${jwt}`)).status).toBe(404);
  });

  it('beyond six packs a minute and workspace', async () => {
    const other = await connectedScene(world, { account: 'globex', by: 'eve' });
    const { secret } = await createEvidenceLink(admin(other), { name: 'x', expires_in: HOUR_MS });
    const cookie = cookieOf(await open(secret));
    const statuses: number[] = [];
    for (let n = 0; n < 7; n++) statuses.push((await pack(cookie, '?format=json')).status);
    expect(statuses).toEqual([200, 200, 200, 200, 200, 200, 429]);
  });

  it('to an address that tries more than thirty links a minute', async () => {
    const statuses: number[] = [];
    for (let n = 0; n < 31; n++) statuses.push((await open('B'.repeat(43), '198.51.100.7')).status);
    expect(statuses.filter((status) => status === 303)).toHaveLength(30);
    expect(statuses.at(-1)).toBe(429);
  });
});
