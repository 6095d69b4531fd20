import { GENESIS_HASH } from '../audit/canonical';
import { ChainWalk } from '../audit/chain';
import { readAuditEvents } from '../audit/read';
import { readChainHead } from '../audit/read-head';

/** What a reader of the Trust page is told of a workspace's chain. */
export type ChainEvidence = {
  /** Events in the chain. */
  events: number;
  headHash: string;
  /** The newest events, so many, were recomputed just now. */
  verified: number;
  /** `seq` of the first of these that does not fit; `null` if all do. */
  firstBad: number | null;
};

/** Recomputed at a view of the page. A longer chain is verified whole on the audit log's page. */
const NEWEST = 5_000;
/** Readers within so many milliseconds share one answer. */
const FRESH_MS = 10_000;
const MOST_WORKSPACES = 1_000;

const shared = new Map<string, { at: number; evidence: Promise<ChainEvidence> }>();

/** Recomputes the newest events of a workspace's chain, at most once in ten seconds. @throws the database's error */
export function readChainEvidence(workspaceId: string): Promise<ChainEvidence> {
  const now = performance.now();
  const known = shared.get(workspaceId);
  if (known !== undefined && now - known.at < FRESH_MS) return known.evidence;
  const evidence = verifyNewest(workspaceId);
  shared.delete(workspaceId);
  shared.set(workspaceId, { at: now, evidence });
  const oldest = shared.keys().next().value;
  if (shared.size > MOST_WORKSPACES && oldest !== undefined) shared.delete(oldest);
  // A failure is for those who wait for it, and for nobody after them.
  evidence.catch(() => shared.delete(workspaceId));
  return evidence;
}

async function verifyNewest(workspaceId: string): Promise<ChainEvidence> {
  const head = await readChainHead(workspaceId);
  const from = Math.max(1, head.seq - NEWEST + 1);
  let walk: ChainWalk | undefined;
  let hashAtHead = head.seq === 0 ? GENESIS_HASH : undefined;
  for await (const event of readAuditEvents(workspaceId, {}, from)) {
    walk ??= new ChainWalk(from - 1, from === 1 ? GENESIS_HASH : event.prev_hash);
    if (!walk.add(event)) break;
    if (event.seq === head.seq) hashAtHead = event.hash;
  }
  const verified = (walk?.events ?? from - 1) - from + 1;
  const firstBad = walk?.firstBad ?? (hashAtHead === head.hash ? null : from + verified);
  return { events: head.seq, headHash: head.hash, verified, firstBad };
}
