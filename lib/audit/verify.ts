import { onePerProcess } from '../async';
import type { AuditVerification } from '../contract/audit-event';
import { Problem } from '../problem';
import { GENESIS_HASH } from './canonical';
import { ChainWalk } from './chain';
import { readAuditEvents } from './read';
import { readChainHead } from './read-head';
import { type StillAllowed, whileAllowed } from './while-allowed';

/** How far a verification is: so many events fit, of so many. */
export type VerificationProgress = { events: number; of: number };

/** A long log is told of twenty times, a short one every so many events. */
const STEPS = 20;
const SHORTEST_STEP = 2_000;

/** A verification that nobody asks on for so long was given up: its slot is free again. */
const ABANDONED_MS = 60_000;

/** The workspaces that are verified now in this process, and when each last went on. */
const verifying = onePerProcess('audit verifications', () => new Map<string, Claim>());

type Claim = { wentOnAt: number };

/** @throws {Problem} `rate_limited` */
function claim(workspaceId: string): Claim {
  const other = verifying().get(workspaceId);
  if (other !== undefined && performance.now() - other.wentOnAt < ABANDONED_MS)
    throw new Problem('rate_limited', 'This audit log is verified already. Try again in 10 s.', {
      retryAfterSeconds: 10,
    });
  const own = { wentOnAt: performance.now() };
  verifying().set(workspaceId, own);
  return own;
}

/**
 * Recomputes a workspace's whole chain: every event's hash, its link to the one before, no gap in `seq`, and a last
 * hash that is the stored head, so that events cut off at the end are noticed too.
 *
 * Works only while somebody asks for the next step. One at a time for a workspace, in this process; end it by `return`.
 *
 * @param stillAllowed checked while the chain is read and before the result is returned
 * @returns `first_bad`: `seq` of the first event that does not fit
 * @throws {Problem} `rate_limited` immediately, while another one of the workspace runs
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
    const verification = yield* walkChain(workspaceId, own, stillAllowed);
    await stillAllowed();
    return verification;
  } finally {
    if (verifying().get(workspaceId) === own) verifying().delete(workspaceId);
  }
}

async function* walkChain(
  workspaceId: string,
  own: Claim,
  stillAllowed: StillAllowed,
): AsyncGenerator<VerificationProgress, AuditVerification, undefined> {
  const head = await readChainHead(workspaceId);
  const step = Math.max(SHORTEST_STEP, Math.ceil(head.seq / STEPS));
  const walk = new ChainWalk();
  let hashAtHead = head.seq === 0 ? GENESIS_HASH : undefined;
  for await (const event of whileAllowed(readAuditEvents(workspaceId), stillAllowed)) {
    own.wentOnAt = performance.now();
    if (!walk.add(event))
      return {
        ok: false,
        events: walk.events,
        first_bad: walk.firstBad ?? walk.events + 1,
        head_hash: head.hash,
      };
    if (event.seq === head.seq) hashAtHead = event.hash;
    if (walk.events % step === 0 && walk.events < head.seq) yield { events: walk.events, of: head.seq };
  }
  // The head was read first: newer events may have come since, older ones may not have gone.
  if (hashAtHead !== head.hash)
    return { ok: false, events: walk.events, first_bad: walk.events + 1, head_hash: head.hash };
  return { ok: true, events: walk.events, head_hash: walk.head };
}

/**
 * Does the same for callers that only want the result.
 *
 * @throws {Problem} as {@link verifyAuditChainInSteps}
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
