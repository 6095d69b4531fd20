/** GitHub's clock: the machine's time plus `offsetMs`. */
export class Clock {
  offsetMs = 0;

  now(): number {
    return Date.now() + this.offsetMs;
  }

  seconds(): number {
    return Math.floor(this.now() / 1000);
  }

  /** Returns a time in GitHub's format, ISO 8601 without fractions. */
  iso(ms: number = this.now()): string {
    return isoSeconds(ms);
  }
}

export function isoSeconds(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}
