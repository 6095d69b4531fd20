/** GitHub's clock, which may differ from the machine's: `offsetMs` is added to it. */
export class Clock {
  offsetMs = 0;

  now(): number {
    return Date.now() + this.offsetMs;
  }

  seconds(): number {
    return Math.floor(this.now() / 1000);
  }

  /** ISO 8601 without fractions, as GitHub writes times. */
  iso(ms: number = this.now()): string {
    return isoSeconds(ms);
  }
}

export function isoSeconds(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}
