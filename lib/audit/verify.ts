import { onePerProcess } from '../async';
import type { AuditVerification } from '../contract/audit-event';
import { Problem } from '../problem';
import { toCanonicalEvent } from './canonical-rows';
import { ChainWalk, sha256 } from './chain';
import {
  ArchivedMeanwhile,
  type ChainHead,
  readChainHead,
  readSlicesAs,
  type StillAllowed,
  whileAllowed,
} from './read';

/** How many events have been verified so far, and how many there are in total. */
export type VerificationProgress = { events: number; of: number };

/**
 * How many progress reports to yield for a long log. For a short log, a report follows every {@link SHORTEST_STEP}
 * events.
 */
const STEPS = 20;
const SHORTEST_STEP = 2_000;

/** If a verification makes no progress for this long, it counts as abandoned, and another verification may start. */
const ABANDONED_MS = 60_000;

/** The verifications that are running in this process, by workspace id. */
const verifying = onePerProcess('audit verifications', () => new Map<string, Claim>());

type Claim = { continuedAt: number };

/**
 * Reserves the workspace's only slot for a verification.
 *
 * @throws {Problem} `rate_limited` if the slot is taken
 */
function claim(workspaceId: string): Claim {
  const other = verifying().get(workspaceId);
  if (other !== undefined && performance.now() - other.continuedAt < ABANDONED_MS)
    throw new Problem('rate_limited', 'This audit log is verified already. Try again in 10 s.', {
      retryAfterSeconds: 10,
    });
  const own = { continuedAt: performance.now() };
  verifying().set(workspaceId, own);
  return own;
}

/**
 * Verifies a workspace's whole chain: recomputes every hash, and checks that each event links to the previous one and
 * that no `seq` is missing. The last hash must equal the stored head; otherwise, events were cut off at the end. If a
 * part is archived, the first remaining event must continue the archive's last hash.
 *
 * In each process, only one verification per workspace runs at a time. The generator does its work only while the
 * caller waits for the next step. A caller that stops early must call `return()` to release the slot.
 *
 * @param stillAllowed called repeatedly while the chain is read, and again before the result is returned
 * @returns the result, where `first_bad` is the `seq` of the first invalid or missing event
 * @throws {Problem} `rate_limited` immediately if the workspace is already being verified
 */
export function verifyAuditChainInSteps(
  workspaceId: string,
  stillAllowed: StillAllowed = async () => {},
): AsyncGenerator<VerificationProgress, AuditVerification, undefined> {
  return inClaim(workspaceId, claim(workspaceId), stillAllowed);
}

async function* inClaim(
  workspaceId: string,
  own: Claim,
  stillAllowed: StillAllowed,
): AsyncGenerator<VerificationProgress, AuditVerification, undefined> {
  try {
    for (;;) {
      const head = await readChainHead(workspaceId);
      try {
        const verification = yield* walkChain(workspaceId, head, own, stillAllowed);
        await stillAllowed();
        if (verification.ok) return verification;
        // Events that were archived since the head was read may be missing now, which breaks no chain.
        const { archived } = await readChainHead(workspaceId);
        if (archived.seq === head.archived.seq) return verification;
      } catch (error) {
        if (!(error instanceof ArchivedMeanwhile)) throw error;
      }
    }
  } finally {
    if (verifying().get(workspaceId) === own) verifying().delete(workspaceId);
  }
}

async function* walkChain(
  workspaceId: string,
  head: ChainHead,
  own: Claim,
  stillAllowed: StillAllowed,
): AsyncGenerator<VerificationProgress, AuditVerification, undefined> {
  const step = Math.max(SHORTEST_STEP, Math.ceil(head.seq / STEPS));
  const { archived } = head;
  const walk = new ChainWalk(archived.seq, archived.hash);
  let hashAtHead = head.seq === archived.seq ? archived.hash : undefined;
  let nextReport = archived.seq + step;
  const part = archived.seq === 0 ? {} : { archived: archived.seq };
  for await (const slice of whileAllowed(readSlicesAs(toCanonicalEvent, workspaceId), stillAllowed)) {
    own.continuedAt = performance.now();
    for (const event of slice) {
      if (!walk.accept(event, sha256(event.hashed())))
        return {
          ok: false,
          events: walk.events,
          ...part,
          first_bad: walk.firstBad ?? walk.events + 1,
          head_hash: head.hash,
        };
      if (event.seq === head.seq) hashAtHead = event.hash;
    }
    if (walk.events < nextReport || walk.events >= head.seq) continue;
    nextReport = walk.events + step;
    yield { events: walk.events, of: head.seq };
  }
  // The head was read before the events. More events may have been added since, but the event with the head's hash must
  // exist.
  if (hashAtHead !== head.hash)
    return { ok: false, events: walk.events, ...part, first_bad: walk.events + 1, head_hash: head.hash };
  return { ok: true, events: walk.events, ...part, head_hash: walk.head };
}

/**
 * Runs {@link verifyAuditChainInSteps} to the end, and ignores the progress reports.
 *
 * @throws {Problem} `rate_limited`
 */
export async function verifyAuditChain(
  workspaceId: string,
  stillAllowed?: StillAllowed,
): Promise<AuditVerification> {
  const steps = verifyAuditChainInSteps(workspaceId, stillAllowed);
  for (;;) {
    const { done, value } = await steps.next();
    if (done) return value;
  }
}
