import { log } from '../../observability/log';
import { metrics } from '../../observability/metrics';
import { Semaphore } from '../../semaphore';
import { GitHubError } from '../error';
import { Circuit } from './circuit';
import { Holds } from './holds';

/**
 * GitHub allows 100 concurrent requests in all. Two replicas together stay below that; who runs more of them lowers
 * the numbers or spreads the load by GitHub's own limit, which is honoured like any other.
 *
 * @see https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits
 */
const CONCURRENT = 45;
/** Of these some are for mints alone: what else is asked, for a page, a proof or a sync, never takes all of them. */
const KEPT_FOR_MINTS = 12;
/** One busy installation leaves room for the others. */
const CONCURRENT_PER_INSTALLATION = 24;
/** So many calls in a row without an answer, or with a 5xx, mean that GitHub is down. */
const FAILURES_UNTIL_OPEN = 5;
/** How long nobody asks a GitHub that is down; then one call does. Milliseconds. */
const PAUSE_MS = 5000;

type Call = {
  route: string;
  /** What GitHub counts together: an installation's mints, an installation's own requests. `undefined`: by itself. */
  bucket: string | undefined;
  /** The longest wait for a place, in milliseconds. */
  queueMs: number;
  /** Somebody's build waits for it. */
  isMint: boolean;
};

/** What this process knows of GitHub's state: how busy it is with us, whether it is down, and whom it told to wait. */
export class Traffic {
  readonly #all = new Semaphore(CONCURRENT);
  readonly #others = new Semaphore(CONCURRENT - KEPT_FOR_MINTS);
  readonly #perBucket = new Map<string, Semaphore>();
  readonly #holds: Holds;
  readonly #circuit: Circuit;

  /**
   * @param host whose state it is; the web host's may be another one than the API's
   * @param now a clock that only runs forward, in milliseconds
   */
  constructor(host: 'api' | 'web', now: () => number = () => performance.now()) {
    this.#holds = new Holds(now);
    this.#circuit = new Circuit({ failures: FAILURES_UNTIL_OPEN, pauseMs: PAUSE_MS }, now, (open) => {
      metrics.githubDown.set({ host }, open ? 1 : 0);
      if (open)
        log.error({ host }, 'GitHub does not answer: calls fail at once, and one now and then tries again');
      else log.info({ host }, 'GitHub answers again');
    });
    metrics.githubDown.set({ host }, 0);
  }

  /**
   * Runs a call when GitHub may be asked.
   *
   * @throws {GitHubError} `unavailable` or `rate_limited` without asking GitHub; or what `work` throws
   */
  async run<T>(call: Call, work: () => Promise<T>): Promise<T> {
    this.#assertWorthAsking(call);
    const leave = await this.#enter(call);
    if (leave === undefined)
      throw notAsked('unavailable', call.route, 1000, 'too many calls are waiting already');
    try {
      // Much may have happened in the queue.
      this.#assertWorthAsking(call);
      this.#circuit.enter();
      return await this.#note(call, work);
    } finally {
      leave();
    }
  }

  #assertWorthAsking({ route, bucket }: Call): void {
    const held = bucket === undefined ? 0 : this.#holds.leftMs(bucket);
    if (held > 0) throw notAsked('rate_limited', route, held, 'GitHub asked to wait');
    const paused = this.#circuit.waitMs();
    if (paused > 0) throw notAsked('unavailable', route, paused, 'GitHub is down');
  }

  async #enter({ bucket, queueMs, isMint }: Call): Promise<(() => void) | undefined> {
    const own = bucket === undefined ? undefined : this.#semaphoreOf(bucket);
    const started = performance.now();
    const entered: (() => void)[] = [];
    const leave = () => {
      for (const leaveOne of entered) leaveOne();
      if (bucket !== undefined && own?.isIdle(CONCURRENT_PER_INSTALLATION)) this.#perBucket.delete(bucket);
    };
    for (const semaphore of [own, isMint ? undefined : this.#others, this.#all]) {
      const leaveOne = await semaphore?.acquire(queueMs - (performance.now() - started));
      if (leaveOne !== undefined) entered.push(leaveOne);
      else if (semaphore !== undefined) {
        leave();
        return undefined;
      }
    }
    return leave;
  }

  #semaphoreOf(bucket: string): Semaphore {
    const known = this.#perBucket.get(bucket);
    if (known) return known;
    const semaphore = new Semaphore(CONCURRENT_PER_INSTALLATION);
    this.#perBucket.set(bucket, semaphore);
    return semaphore;
  }

  async #note<T>({ bucket }: Call, work: () => Promise<T>): Promise<T> {
    try {
      const result = await work();
      this.#circuit.succeeded();
      return result;
    } catch (error) {
      const kind = error instanceof GitHubError ? error.kind : 'unexpected';
      if (kind === 'unavailable') this.#circuit.failed();
      else this.#circuit.succeeded();
      if (kind === 'rate_limited' && error instanceof GitHubError && bucket !== undefined)
        this.#holds.hold(bucket, (error.retryAfterSeconds ?? 1) * 1000);
      throw error;
    }
  }
}

function notAsked(
  kind: 'unavailable' | 'rate_limited',
  route: string,
  waitMs: number,
  why: string,
): GitHubError {
  return new GitHubError(kind, route, null, Math.max(1, Math.ceil(waitMs / 1000)), new Error(why));
}
