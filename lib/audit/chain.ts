import type { AuditEvent } from '../contract/audit-event';
import { GENESIS_HASH, hashAuditEvent } from './canonical';

/** Walks along a chain, event by event: every event's hash, its link to the one before, and no gap in `seq`. */
export class ChainWalk {
  /** `seq` of the first event that does not fit, or that is missing. */
  firstBad: number | undefined;

  /**
   * @param events how many events fit so far; a walk that begins later believes those before it
   * @param head hash of the last of them
   */
  constructor(
    public events = 0,
    public head = GENESIS_HASH,
  ) {}

  /** @returns whether the event is the next one of the chain */
  add(event: AuditEvent): boolean {
    const expected = this.events + 1;
    if (event.seq !== expected || event.prev_hash !== this.head || event.hash !== hashAuditEvent(event)) {
      this.firstBad = Math.min(event.seq, expected);
      return false;
    }
    this.events = expected;
    this.head = event.hash;
    return true;
  }
}
