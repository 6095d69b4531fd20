import { hash } from 'node:crypto';
import type { Actor, RequestOrigin } from '../actor';
import type { StillAllowed } from '../audit/read';
import { recordAuditEventNow } from '../audit/record';
import type { EvidenceFormat } from '../contract/evidence-pack';
import { limitWork } from '../rate-limit/limiter';
import { collectEvidence, type PackWorkspace } from './collect';
import { requireSigningKey } from './keys';
import { signJson, signPdf } from './signature';

type Order = {
  workspace: PackWorkspace;
  format: EvidenceFormat;
  actor: Actor;
  origin: RequestOrigin;
  /** Called repeatedly while the pack is made, and before it is released. */
  stillAllowed: StillAllowed;
  /** The id of the auditor's link by which the pack is issued. */
  linkId?: string;
};

/**
 * Makes a signed evidence pack. No pack is released before the audit log has its hash.
 *
 * @throws {Problem} `rate_limited` for a link that issues too many; `evidence_unavailable` without a signing key;
 *   otherwise as `collectEvidence` does
 */
export async function issueEvidence({
  linkId,
  workspace,
  format,
  actor,
  origin,
  stillAllowed,
}: Order): Promise<Buffer> {
  // The workspace that a link belongs to is known only once the link has been looked up, which the wrapper does not do.
  if (linkId !== undefined) await limitWork('evidence_by_link', workspace.id);
  const key = requireSigningKey();
  const evidence = await collectEvidence(workspace, stillAllowed);
  const file =
    format === 'json'
      ? signJson(evidence, key)
      : signPdf(await (await import('./pdf')).renderPdf(evidence, key.id), key);
  await stillAllowed();
  await recordAuditEventNow({
    workspaceId: workspace.id,
    actor,
    origin,
    type: 'evidence.issued',
    details: {
      format,
      file_sha256: hash('sha256', file),
      key_id: key.id,
      ...(linkId === undefined ? {} : { link_id: linkId }),
    },
  });
  return file;
}

const CONTENT_TYPES = { json: 'application/json', pdf: 'application/pdf' } as const;

/** Returns the response that saves a pack. Its name has the day, so that packs can be kept side by side. */
export function packResponse(file: Buffer | null, format: EvidenceFormat, slug: string): Response {
  const day = new Date().toISOString().slice(0, 10);
  return new Response(file === null ? null : new Uint8Array(file), {
    headers: {
      'content-type': CONTENT_TYPES[format],
      'content-disposition': `attachment; filename="evidence-${slug}-${day}.${format}"`,
    },
  });
}
