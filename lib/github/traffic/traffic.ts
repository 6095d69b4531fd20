import type { GitHubCause } from '../../contract/github-causes';
import { log } from '../../observability/log';
import { metrics } from '../../observability/metrics';
import { GitHubError, gitHubError } from '../error';
import { Circuits, ROUTE_CLASSES, type RouteClass } from './circuits';
import { Holds } from './holds';
import { Places } from './places';

type Call = {
  route: string;
  routeClass: RouteClass;
  /** What GitHub counts together: an installation's mints, an installation's own requests. `undefined`: by itself. */
  bucket: string | undefined;
  /** The workspace that causes it, where the caller knows it. */
  tenant: string | undefined;
  /** The longest wait for a slot, in milliseconds. */
  queueMs: number;
};

/** What this process has learnt of GitHub: how busy it is with us, what fails, and who was told to wait. */
export class Traffic {
  readonly #places = new Places();
  readonly #holds: Holds;
  readonly #circuits: Circuits;

  /**
   * @param host whose state it is; the web host's may be another one than the API's
   * @param now a clock that only runs forward, in milliseconds
   */
  constructor(host: 'api' | 'web', now: () => number = () => performance.now()) {
    this.#holds = new Holds(now);
    for (const routeClass of host === 'web' ? (['connect'] as const) : ROUTE_CLASSES)
      metrics.githubDown.set({ host, class: routeClass }, 0);
    const onDown = (routeClass: RouteClass, isDown: boolean) => {
      const labels = { host, class: routeClass };
      metrics.githubDown.set(labels, isDown ? 1 : 0);
      if (isDown)
        log.error(labels, 'GitHub does not answer: calls fail immediately, and one now and then tries again');
      else log.info(labels, 'GitHub answers again');
    };
    this.#circuits = new Circuits({
      now,
      onDown,
      onBucket: ({ routeClass, bucket, isOpen, open }) => {
        if (bucket === ALL) return onDown(routeClass, isOpen);
        metrics.githubLeftAlone.set({ host, class: routeClass }, open);
        if (isOpen)
          log.warn({ host, class: routeClass, bucket }, 'GitHub fails for one, which is left alone');
      },
    });
  }

  /**
   * Runs a call when GitHub may be asked.
   *
   * @throws {GitHubError} `unavailable` or `rate_limited` without asking GitHub; or what `work` throws
   */
  async run<T>(call: Call, work: () => Promise<T>): Promise<T> {
    this.#assertWorthAsking(call);
    const leave = await this.#places.enter(call, call.queueMs);
    if (leave === undefined)
      throw notAsked('github_unavailable', call.route, 1000, 'too many calls are waiting already');
    try {
      // Much may have happened in the queue.
      this.#assertWorthAsking(call);
      this.#circuits.enter(call.routeClass, call.bucket ?? ALL);
      return await this.#note(call, work);
    } finally {
      leave();
    }
  }

  #assertWorthAsking(call: Call): void {
    const together = heldTogether(call);
    const held = together === undefined ? undefined : this.#holds.find(together);
    if (held !== undefined) throw notAsked(held.reason, call.route, held.leftMs, 'GitHub asked to wait');
    const paused = this.#circuits.waitMs(call.routeClass, call.bucket ?? ALL);
    if (paused > 0) throw notAsked('github_unavailable', call.route, paused, 'GitHub is down');
  }

  async #note<T>(call: Call, work: () => Promise<T>): Promise<T> {
    const { routeClass, bucket = ALL, tenant } = call;
    try {
      const result = await work();
      this.#circuits.succeeded(routeClass, bucket);
      return result;
    } catch (error) {
      if (!(error instanceof GitHubError)) {
        this.#circuits.succeeded(routeClass, bucket);
        throw error;
      }
      if (error.kind === 'unavailable') this.#circuits.failed(routeClass, bucket, tenant);
      else this.#circuits.succeeded(routeClass, bucket);
      const together = heldTogether(call);
      if (together !== undefined && (error.details.askedToWait === true || error.kind === 'rate_limited'))
        this.#holds.hold(together, (error.retryAfterSeconds ?? 1) * 1000, error.reason);
      throw error;
    }
  }
}

/** The bucket of calls that are counted by themselves. */
const ALL = '';

/**
 * GitHub counts an installation's calls together whatever they are for. The exchange of codes waits by itself; the
 * App's own calls are few, and reconcile keeps the wait for all replicas in the database.
 */
function heldTogether({ bucket, route, routeClass }: Call): string | undefined {
  return bucket ?? (routeClass === 'connect' ? route : undefined);
}

function notAsked(reason: GitHubCause, route: string, waitMs: number, why: string): GitHubError {
  const retryAfterSeconds = Math.max(1, Math.ceil(waitMs / 1000));
  return gitHubError(reason, route, null, { retryAfterSeconds, cause: new Error(why) });
}
