import { Bulkhead } from '../../async';
import type { GitHubCause } from '../../contract/github-causes';
import { log } from '../../observability/log';
import { metrics } from '../../observability/metrics';
import { GitHubError, gitHubError } from '../error';
import { Circuits, ROUTE_CLASSES, type RouteClass } from './circuits';

type Call = {
  route: string;
  routeClass: RouteClass;
  /** GitHub counts the calls of a bucket together: an installation's mints, an installation's own. `undefined`: alone. */
  bucket: string | undefined;
  /** The workspace that causes the call, where known: its calls share the heavy slots. Otherwise each bucket's do. */
  tenant: string | undefined;
  /** The longest wait for a slot, in milliseconds. */
  queueMs: number;
};

/** Keeps this process's view of GitHub: calls in flight, failures, and waits that GitHub asked for. */
export class Traffic {
  readonly #slots = new Slots();
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
    const release = await this.#slots.enter(call, call.queueMs);
    if (release === undefined)
      throw notAsked('github_unavailable', call.route, 1000, 'too many calls are waiting already');
    try {
      // Much may have happened in the queue.
      this.#assertWorthAsking(call);
      this.#circuits.enter(call.routeClass, call.bucket ?? ALL);
      return await this.#note(call, work);
    } finally {
      release();
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

/** The bucket of calls that GitHub counts alone. */
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

/** GitHub's limits reset after an hour at most, so no response holds calls back for longer. */
const LONGEST_MS = 3_600_000;
/** The oldest is forgotten first; GitHub's next response then asks for the wait again. */
const MOST_HELD = 5000;

type Hold = { until: number; reason: GitHubCause };

/** Keeps the waits that GitHub asked for, by bucket. */
class Holds {
  readonly #holds = new Map<string, Hold>();

  /** @param now a clock that only runs forward, in milliseconds */
  constructor(private readonly now: () => number) {}

  /** @returns milliseconds left, and why; `undefined`: none */
  find(bucket: string): { leftMs: number; reason: GitHubCause } | undefined {
    const hold = this.#holds.get(bucket);
    const leftMs = hold === undefined ? 0 : hold.until - this.now();
    return hold !== undefined && leftMs > 0 ? { leftMs, reason: hold.reason } : undefined;
  }

  hold(bucket: string, ms: number, reason: GitHubCause): void {
    const now = this.now();
    for (const [other, { until }] of this.#holds) if (until <= now) this.#holds.delete(other);
    const [oldest] = this.#holds.keys();
    if (this.#holds.size >= MOST_HELD && oldest !== undefined) this.#holds.delete(oldest);
    this.#holds.set(bucket, { until: now + Math.min(ms, LONGEST_MS), reason });
  }
}

/**
 * GitHub allows 100 concurrent requests in all. Two replicas together stay below that. From the third one on
 * GitHub's own limit holds them back, which is honoured like any other.
 *
 * @see https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits
 */
const CONCURRENT = 45;
/** Some slots are for mints alone: calls for a page, a proof or a sync never take all of them. */
const KEPT_FOR_MINTS = 12;
/** Calls that users drive from pages leave slots to syncs. */
const CONCURRENT_CONNECT = 16;
/** One busy installation leaves room for the others. */
const CONCURRENT_PER_BUCKET = 24;
/** A user's flow asks a few things at a time. */
const CONCURRENT_PER_USER = 8;
/** A tenant's first mints in flight always count as light; slow calls of others cannot take their slots. */
const LIGHT_PER_TENANT = 3;
/** All mints of all tenants beyond their light ones. */
const HEAVY_MINTS = 21;
/** Slots that only light mints take, also while everything else is busy. */
const KEPT_FOR_LIGHT_MINTS = 8;

type Occupant = Pick<Call, 'routeClass' | 'bucket' | 'tenant'>;

/** How many calls are in flight, in all and of each. Idle buckets and tenants are forgotten. */
export class Slots {
  readonly #all = new Bulkhead({ inAll: CONCURRENT });
  readonly #others = new Bulkhead({ inAll: CONCURRENT - KEPT_FOR_MINTS });
  readonly #connect = new Bulkhead({ inAll: CONCURRENT_CONNECT });
  readonly #heavyMints = new Bulkhead({ inAll: HEAVY_MINTS });
  readonly #notLight = new Bulkhead({ inAll: CONCURRENT - KEPT_FOR_LIGHT_MINTS });
  readonly #perBucket = new Bulkhead({ inAll: Number.POSITIVE_INFINITY, each: CONCURRENT_PER_BUCKET });
  readonly #perUser = new Bulkhead({ inAll: Number.POSITIVE_INFINITY, each: CONCURRENT_PER_USER });
  readonly #mintsOfTenant = new Map<string, number>();

  /** @returns releases the slots; `undefined` if they were not free in time */
  async enter(call: Occupant, waitMs: number): Promise<(() => void) | undefined> {
    const { routeClass, bucket } = call;
    const tenant = call.tenant ?? bucket;
    const isMint = routeClass === 'mint';
    const isConnect = routeClass === 'connect';
    const isLight = isMint && (tenant === undefined || this.#countMint(tenant) <= LIGHT_PER_TENANT);
    const shared = [
      isConnect && this.#connect,
      !isMint && this.#others,
      isMint && !isLight && this.#heavyMints,
      !isLight && this.#notLight,
      this.#all,
    ];
    const releases: (() => void)[] = [];
    const releaseAll = () => {
      for (const release of releases) release();
      if (isMint && tenant !== undefined) this.#uncountMint(tenant);
    };
    const end = performance.now() + waitMs;
    const enter = async (bulkhead: Bulkhead, of: string): Promise<boolean> => {
      const release = await bulkhead.enter(of, end - performance.now());
      if (release !== undefined) releases.push(release);
      return release !== undefined;
    };
    const own = isConnect ? this.#perUser : this.#perBucket;
    let isInside = bucket === undefined || (await enter(own, bucket));
    // In the order of arrival, whichever bucket a call is of.
    for (const bulkhead of shared) isInside &&= bulkhead === false || (await enter(bulkhead, ALL));
    if (isInside) return releaseAll;
    releaseAll();
    return undefined;
  }

  /** Returns how many of the tenant's mints are in flight or waiting, this one included. */
  #countMint(tenant: string): number {
    const count = (this.#mintsOfTenant.get(tenant) ?? 0) + 1;
    this.#mintsOfTenant.set(tenant, count);
    return count;
  }

  #uncountMint(tenant: string): void {
    const count = (this.#mintsOfTenant.get(tenant) ?? 1) - 1;
    if (count === 0) this.#mintsOfTenant.delete(tenant);
    else this.#mintsOfTenant.set(tenant, count);
  }

  /** How many buckets, users and tenants are remembered. For tests. */
  get remembered(): number {
    return this.#perBucket.callers + this.#perUser.callers + this.#mintsOfTenant.size;
  }
}
