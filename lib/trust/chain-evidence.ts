import { toCanonicalEvent } from '../audit/canonical-rows';
import { ChainWalk, sha256 } from '../audit/chain';
import { readChainHead, readSlicesAs } from '../audit/read';
import { oneByOne } from '../turns';

/** Facts about a workspace's audit chain, as shown on the Trust page. */
export type ChainEvidence = {
  events: number;
  headHash: string;
  /** How many of the newest events were verified by recomputing their hashes. */
  verified: number;
  /** `seq` of the first event that is invalid or missing; `null` if all verified events are valid. */
  firstBad: number | null;
};

/**
 * How many events each view of the Trust page verifies. Each thousand takes about 10 ms of the process's time. A longer
 * chain can be verified completely on the audit log's page.
 */
const NEWEST = 1_000;
/** How long a result is cached and shared by all users. */
const FRESH_MS = 10_000;
const MOST_WORKSPACES = 1_000;

const shared = new Map<string, { at: number; evidence: Promise<ChainEvidence> }>();

/**
 * Verifies the newest events of a workspace's chain, at most once every ten seconds.
 *
 * @throws the database's error
 */
export function readChainEvidence(workspaceId: string): Promise<ChainEvidence> {
  const now = performance.now();
  const known = shared.get(workspaceId);
  if (known !== undefined && now - known.at < FRESH_MS) return known.evidence;
  const evidence = verifyNewest(workspaceId);
  shared.delete(workspaceId);
  shared.set(workspaceId, { at: now, evidence });
  const oldest = shared.keys().next().value;
  if (shared.size > MOST_WORKSPACES && oldest !== undefined) shared.delete(oldest);
  // Callers that are already waiting get the error, but it isn't cached.
  evidence.catch(() => shared.delete(workspaceId));
  return evidence;
}

async function verifyNewest(workspaceId: string): Promise<ChainEvidence> {
  const head = await readChainHead(workspaceId);
  const { archived } = head;
  const from = Math.max(archived.seq + 1, head.seq - NEWEST + 1);
  let walk: ChainWalk | undefined;
  let hashAtHead = head.seq === archived.seq ? archived.hash : undefined;
  for await (const event of oneByOne(readSlicesAs(toCanonicalEvent, workspaceId, {}, from))) {
    walk ??= new ChainWalk(from - 1, from === archived.seq + 1 ? archived.hash : event.prev_hash);
    if (!walk.accept(event, sha256(event.hashed()))) break;
    if (event.seq === head.seq) hashAtHead = event.hash;
  }
  const verified = (walk?.events ?? from - 1) - from + 1;
  const firstBad = walk?.firstBad ?? (hashAtHead === head.hash ? null : from + verified);
  // Events that were archived since the head was read may be missing now, which breaks no chain.
  if (firstBad !== null && (await readChainHead(workspaceId)).archived.seq > archived.seq)
    return verifyNewest(workspaceId);
  return { events: head.seq, headHash: head.hash, verified, firstBad };
}
