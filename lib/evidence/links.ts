/** Links by which an auditor without an account gets the evidence of one workspace, and nothing else. */
import { hash, randomBytes } from 'node:crypto';
import type { Actor, RequestOrigin } from '../actor';
import { recordAuditEvent } from '../audit/record';
import { requireAdmin } from '../auth/session';
import { getDb, inTransaction, type Transaction } from '../db/client';
import type { EvidenceLink as LinkRow } from '../db/generated/client';
import { query, sql } from '../db/sql';
import { isUuid } from '../db/uuid';
import { notFound, Problem } from '../problem';
import { lockWorkspace } from '../workspace/authority';

/** The workspace whose links are managed, and who manages them. Each transaction reads the caller's role again. */
type LinkAdministration = { workspaceId: string; actor: Actor; origin: RequestOrigin };

/** The most links of a workspace that work at the same time. Pages list all of them. */
export const MOST_LINKS = 20;

/** 256 random bits, as a link's secret. Only its SHA-256 is stored, which is enough for so many bits (ASVS 11.5.1). */
const SECRET = /^[A-Za-z0-9_-]{43}$/;
const newSecret = (): string => randomBytes(32).toString('base64url');
const hashOf = (secret: string): Buffer => hash('sha256', secret, 'buffer');

const details = ({ id, name, expiresAt }: LinkRow) => ({
  link_id: id,
  name,
  expires_at: expiresAt.toISOString(),
});

/**
 * Creates a link.
 *
 * @param wanted `expires_in` is in milliseconds
 * @returns the secret, which is not stored
 * @throws {Problem} `forbidden`; `invalid_request` if {@link MOST_LINKS} work already
 */
export async function createEvidenceLink(
  by: LinkAdministration,
  wanted: { name: string; expires_in: number },
): Promise<{ id: string; secret: string }> {
  const secret = newSecret();
  return inTransaction(async (tx) => {
    const { workspaceId, actor } = by;
    await lockWorkspace(tx, workspaceId);
    await requireAdmin(tx, workspaceId, actor);
    if ((await tx.evidenceLink.count({ where: { workspaceId, ...live() } })) >= MOST_LINKS)
      throw new Problem('invalid_request', `At most ${MOST_LINKS} links work at a time. Revoke one first.`);
    const row = await tx.evidenceLink.create({
      data: {
        workspaceId,
        name: wanted.name,
        hash: new Uint8Array(hashOf(secret)),
        createdBy: actor.type === 'user' ? actor.id : null,
        expiresAt: new Date(Date.now() + wanted.expires_in),
      },
    });
    await recordAuditEvent(tx, { ...by, type: 'evidence.link_created', details: details(row) });
    return { id: row.id, secret };
  });
}

/** Revokes a link. @throws {Problem} `forbidden`, `not_found` */
export async function revokeEvidenceLink(by: LinkAdministration, id: string): Promise<void> {
  await inTransaction(async (tx) => {
    await requireAdmin(tx, by.workspaceId, by.actor);
    const row = await lockLink(tx, by.workspaceId, id);
    await tx.evidenceLink.update({ where: { id: row.id }, data: { revokedAt: new Date() } });
    await recordAuditEvent(tx, { ...by, type: 'evidence.link_revoked', details: details(row) });
  });
}

async function lockLink(tx: Transaction, workspaceId: string, id: string): Promise<LinkRow> {
  if (!isUuid(id)) throw notFound();
  await query(tx, sql`SELECT 1 FROM evidence_links WHERE id = ${id}::uuid FOR UPDATE`);
  const row = await tx.evidenceLink.findFirst({ where: { id, workspaceId, ...live() } });
  if (row === null) throw notFound();
  return row;
}

const live = () => ({ revokedAt: null, expiresAt: { gt: new Date() } });

export type ListedLink = {
  id: string;
  name: string;
  createdAt: string;
  expiresAt: string;
  lastUsedAt: string | null;
};

/** Lists the links of a workspace that work now, the newest first. */
export async function listEvidenceLinks(workspaceId: string): Promise<ListedLink[]> {
  const rows = await getDb().evidenceLink.findMany({
    where: { workspaceId, ...live() },
    orderBy: [{ createdAt: 'desc' }, { id: 'asc' }],
  });
  return rows.map(({ id, name, createdAt, expiresAt, lastUsedAt }) => ({
    id,
    name,
    createdAt: createdAt.toISOString(),
    expiresAt: expiresAt.toISOString(),
    lastUsedAt: lastUsedAt?.toISOString() ?? null,
  }));
}

/** A link that works now, with its workspace. */
export type OpenedLink = {
  id: string;
  name: string;
  expiresAt: string;
  workspace: { id: string; slug: string; name: string };
};

/**
 * Finds the link with this secret. Notes its use.
 *
 * @returns `null` if there is none, or if it expired or was revoked; callers can't tell which
 */
export async function openEvidenceLink(secret: string | null | undefined): Promise<OpenedLink | null> {
  if (typeof secret !== 'string' || !SECRET.test(secret)) return null;
  const [row] = await query(
    getDb(),
    sql<{
      id: string;
      name: string;
      expires_at: Date;
      workspace_id: string;
      slug: string;
      workspace_name: string;
    }>`
      UPDATE evidence_links AS l SET last_used_at = now() FROM workspaces AS w
      WHERE l.hash = ${hashOf(secret)} AND l.revoked_at IS NULL AND l.expires_at > now() AND w.id = l.workspace_id
      RETURNING l.id, l.name, l.expires_at, w.id AS workspace_id, w.slug, w.name AS workspace_name`,
  );
  if (row === undefined) return null;
  const { id, name, expires_at, workspace_id, slug, workspace_name } = row;
  return {
    id,
    name,
    expiresAt: expires_at.toISOString(),
    workspace: { id: workspace_id, slug, name: workspace_name },
  };
}

/** The actor of what an auditor does by a link. */
export const actorOf = ({ id, name }: Pick<OpenedLink, 'id' | 'name'>): Actor => ({
  type: 'system',
  id: `system:evidence_link:${id}`,
  label: `Auditor link: ${name}`,
});
