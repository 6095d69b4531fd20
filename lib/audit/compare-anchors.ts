import { z } from 'zod';
import { query, sql } from '../db/sql';
import { GENESIS_HASH } from './chain';
import { readLines } from './text-file';

/** A line that `anchorAuditChains` has written to the log. */
const Anchor = z.object({
  msg: z.literal('audit chain head'),
  workspace_id: z.uuid(),
  seq: z.int().min(0),
  head_hash: z.string().regex(/^[0-9a-f]{64}$/),
});
type Anchor = z.output<typeof Anchor>;

export type AnchorComparison = {
  /** Anchors found in the log. */
  anchors: number;
  /** The workspaces that the anchors name. */
  workspace_ids: string[];
  /** Chains that have fewer events than an anchor counted, as after restoring an older backup. */
  lost: { workspace_id: string; anchored_seq: number }[];
  /** Events whose hash is not the anchored one, so the chain was rewritten up to there. */
  changed: { workspace_id: string; seq: number }[];
  /** Anchors inside archives, which only `audit:verify --file ARCHIVE … --head HASH` can compare. */
  in_archives: number;
};

/** Anchors compared by one statement. */
const BATCH = 1000;

/** The longest line to parse. Anchors have about 250 characters. */
const MAX_LINE_CHARACTERS = 10_000;

/**
 * Compares the stored chains with the heads in a log. The log may hold any other lines. Run `verifyAuditChain` too: an
 * anchor proves only that its own event has the same hash.
 *
 * @param pieces the log's text
 * @see docs/audit-chain.md, Anchors
 */
export async function compareAnchors(pieces: AsyncIterable<string>): Promise<AnchorComparison> {
  let anchors = 0;
  let inArchives = 0;
  const workspaces = new Set<string>();
  const lost = new Map<string, number>();
  const changed = new Map<string, { workspace_id: string; seq: number }>();
  const compare = async (batch: readonly Anchor[]) => {
    for (const { workspace_id, seq, hash, is_archived } of await findDifferent(batch)) {
      if (is_archived) inArchives++;
      else if (hash === null) lost.set(workspace_id, Math.max(seq, lost.get(workspace_id) ?? 0));
      else changed.set(`${workspace_id} ${seq}`, { workspace_id, seq });
    }
  };
  let batch: Anchor[] = [];
  for await (const line of readLines(pieces)) {
    const anchor = parseAnchor(line);
    if (anchor === undefined) continue;
    anchors++;
    workspaces.add(anchor.workspace_id);
    batch.push(anchor);
    if (batch.length < BATCH) continue;
    await compare(batch);
    batch = [];
  }
  await compare(batch);
  return {
    anchors,
    workspace_ids: [...workspaces].sort(),
    lost: [...lost].map(([workspace_id, anchored_seq]) => ({ workspace_id, anchored_seq })),
    changed: [...changed.values()],
    in_archives: inArchives,
  };
}

function parseAnchor(line: string): Anchor | undefined {
  if (line.length > MAX_LINE_CHARACTERS || !line.includes('audit chain head')) return undefined;
  try {
    return Anchor.safeParse(JSON.parse(line)).data;
  } catch {
    // A line that is no JSON, as Node writes before the app's log takes over.
    return undefined;
  }
}

type Different = { workspace_id: string; seq: number; hash: string | null; is_archived: boolean };

/**
 * Returns the anchors without an event of the same hash. `hash` is the stored one, or `null` without an event. An archive
 * keeps the hash of its last event.
 */
async function findDifferent(batch: readonly Anchor[]): Promise<Different[]> {
  const anchored = JSON.stringify(
    batch.filter(({ seq, head_hash }) => seq > 0 || head_hash !== GENESIS_HASH),
  );
  const rows = await query(
    'work',
    sql<{ workspace_id: string; seq: bigint; hash: string | null; is_archived: boolean }>`
      SELECT a.workspace_id, a.seq, coalesce(e.hash, r.last_hash) AS hash,
        e.hash IS NULL AND r.last_hash IS NULL AND EXISTS (SELECT FROM audit_archives AS r
          WHERE r.workspace_id = a.workspace_id AND a.seq BETWEEN r.first_seq AND r.last_seq) AS is_archived
      FROM jsonb_to_recordset(${anchored}::jsonb) AS a (workspace_id uuid, seq bigint, head_hash text)
      LEFT JOIN audit_events AS e ON e.workspace_id = a.workspace_id AND e.seq = a.seq
      LEFT JOIN audit_archives AS r ON r.workspace_id = a.workspace_id AND r.last_seq = a.seq
      WHERE coalesce(e.hash, r.last_hash) IS DISTINCT FROM a.head_hash`,
  );
  return rows.map(({ seq, ...row }) => ({ ...row, seq: Number(seq) }));
}
