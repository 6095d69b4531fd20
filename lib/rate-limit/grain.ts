import type { Policy } from './policies';

/** Up to this limit a log holds every request by the millisecond; above, this many steps per window are enough. */
const MOST_ENTRIES = 200;

/**
 * The step, in milliseconds, to which the times in a log are rounded *up*. It keeps a log of a high limit short;
 * rounding up only ever frees a place later than due (by 0.5 % of the window), never earlier.
 */
export function grainMs({ limit, windowSeconds }: Policy): number {
  return limit <= MOST_ENTRIES ? 1 : Math.ceil((windowSeconds * 1000) / MOST_ENTRIES);
}
