import { onePerProcess } from '../async';
import type { AuditVerification } from '../contract/audit-event';
import { Problem } from '../problem';
import { ChainWalk, GENESIS_HASH } from './chain';
import { readAuditEvents, readChainHead, type StillAllowed, whileAllowed } from './read';

/** The progress of a verification: the events that fit so far, and all events. */
export type VerificationProgress = { events: number; of: number };

/** The number of progress reports of a long log. A short log reports every {@link SHORTEST_STEP} events. */
const STEPS = 20;
const SHORTEST_STEP = 2_000;

/** A verification that nobody continues for this long is abandoned, and its slot is free. */
const ABANDONED_MS = 60_000;

/** The verifications that run in this process, by workspace. */
const verifying = onePerProcess('audit verifications', () => new Map<string, Claim>());

type Claim = { continuedAt: number };

/** Claims a workspace's slot. @throws {Problem} `rate_limited` */
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
 * Recomputes a workspace's whole chain: each hash, each link to the previous event, and no gap in `seq`. The last
 * hash must be the stored head, so events cut off at the end are noticed too.
 *
 * Works only while the caller asks for the next step. Each workspace has one verification at a time in a process.
 * End it by `return`.
 *
 * @param stillAllowed checked while the chain is read and before the result is returned
 * @returns `first_bad`: `seq` of the first event that does not fit
 * @throws {Problem} `rate_limited` immediately, while another verification of the workspace runs
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
    own.continuedAt = performance.now();
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
  // The head was read first. Events may have been added since, but none may be missing.
  if (hashAtHead !== head.hash)
    return { ok: false, events: walk.events, first_bad: walk.events + 1, head_hash: head.hash };
  return { ok: true, events: walk.events, head_hash: walk.head };
}

/**
 * Runs {@link verifyAuditChainInSteps} to its end, without progress.
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
