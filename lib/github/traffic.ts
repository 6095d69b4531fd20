import { Bulkhead } from '../async';
import type { GitHubCause } from '../contract/github-causes';
import { log } from '../observability/log';
import { metrics } from '../observability/metrics';
import { Circuits, ROUTE_CLASSES, type RouteClass } from './circuits';
import { GitHubError, gitHubError } from './errors';

type Call = {
  route: string;
  routeClass: RouteClass;
  /** The key of the installation or user that the call counts towards; `undefined` if there is none. */
  bucket: string | undefined;
  /**
   * The workspace that the call is made for. Slots are divided among tenants. For a call without a workspace, the
   * bucket counts as the tenant.
   */
  tenant: string | undefined;
  /** Longest wait for a slot, in milliseconds. */
  queueMs: number;
};

/**
 * Decides whether a call to one of GitHub's hosts may start. It limits the calls in flight, pauses after failures, and
 * honours the waits requested by GitHub.
 */
export class Traffic {
  readonly #slots = new Slots();
  readonly #holds: Holds;
  readonly #circuits: Circuits;

  /**
   * @param host the host's name in metrics
   * @param now a monotonic clock, in milliseconds
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
   * Waits for a slot, then runs the call.
   *
   * @throws {GitHubError} `unavailable` or `rate_limited` if the call must not start; otherwise whatever `work` throws
   */
  async run<T>(call: Call, work: () => Promise<T>): Promise<T> {
    this.#assertWorthAsking(call);
    const release = await this.#slots.enter(call, call.queueMs);
    if (release === undefined)
      throw notCalled('github_unavailable', call.route, 1000, 'too many calls are waiting already');
    try {
      // GitHub may have failed or asked for a wait while the call was queued.
      this.#assertWorthAsking(call);
      this.#circuits.enter(call.routeClass, call.bucket ?? ALL);
      return await this.#note(call, work);
    } finally {
      release();
    }
  }

  #assertWorthAsking(call: Call): void {
    const waitKey = waitKeyOf(call);
    const held = waitKey === undefined ? undefined : this.#holds.find(waitKey);
    if (held !== undefined) throw notCalled(held.reason, call.route, held.leftMs, 'GitHub asked to wait');
    const paused = this.#circuits.waitMs(call.routeClass, call.bucket ?? ALL);
    if (paused > 0) throw notCalled('github_unavailable', call.route, paused, 'GitHub is down');
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
      const waitKey = waitKeyOf(call);
      if (waitKey !== undefined && (error.details.askedToWait === true || error.kind === 'rate_limited'))
        this.#holds.hold(waitKey, (error.retryAfterSeconds ?? 1) * 1000, error.reason);
      throw error;
    }
  }
}

/** The key shared by all calls without a bucket. */
const ALL = '';

/**
 * Returns the key under which to store a wait that GitHub requested. All calls in a bucket share a key, because GitHub
 * limits them together. The exchange of authorization codes has its own key. The App's few other calls have none:
 * reconcile stores their wait in the database for all replicas.
 */
function waitKeyOf({ bucket, route, routeClass }: Call): string | undefined {
  return bucket ?? (routeClass === 'connect' ? route : undefined);
}

function notCalled(reason: GitHubCause, route: string, waitMs: number, why: string): GitHubError {
  const retryAfterSeconds = Math.max(1, Math.ceil(waitMs / 1000));
  return gitHubError(reason, route, null, { retryAfterSeconds, cause: new Error(why) });
}

/** GitHub's limits reset within an hour, so no response may delay calls for longer. */
const LONGEST_MS = 3_600_000;
/**
 * Cap on the waits to keep. Beyond it, the oldest wait is dropped, and GitHub will request it again in its next
 * response.
 */
const MOST_HELD = 5000;

type Hold = { until: number; reason: GitHubCause };

/** The waits requested by GitHub, by the key that `waitKeyOf` returns. */
class Holds {
  readonly #holds = new Map<string, Hold>();

  /** @param now a monotonic clock, in milliseconds */
  constructor(private readonly now: () => number) {}

  /** Returns the bucket's remaining wait and its cause; `undefined` if there is no wait. */
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
 * Cap on this process's calls in flight. GitHub allows 100 concurrent requests, so two replicas stay below its limit.
 * With more replicas, GitHub may request a wait, which is honoured like any other.
 *
 * @see https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits
 */
const CONCURRENT = 45;
/** Slots reserved for mints. Calls for pages, ownership proofs and syncs never take these slots. */
const KEPT_FOR_MINTS = 12;
/** Slots that `connect` calls may take. The limit leaves slots for syncs. */
const CONCURRENT_CONNECT = 16;
/** Slots that one installation may take. The limit leaves slots for other installations. */
const CONCURRENT_PER_BUCKET = 24;
/** Slots that one user may take. A user who connects GitHub needs only a few concurrent calls. */
const CONCURRENT_PER_USER = 8;
/**
 * A tenant's mint counts as light if at most this many of the tenant's mints are in flight or waiting. Light mints have
 * reserved slots, which slow mints of other tenants cannot take.
 */
const LIGHT_PER_TENANT = 3;
/** Slots for heavy mints, which are all mints that are not light. All tenants share these slots. */
const HEAVY_MINTS = 21;
/** Slots reserved for light mints, so light mints start even if all other slots are taken. */
const KEPT_FOR_LIGHT_MINTS = 8;

type Occupant = Pick<Call, 'routeClass' | 'bucket' | 'tenant'>;

/** Counts the calls in flight: in total, by bucket and by tenant. Buckets and tenants without calls are forgotten. */
export class Slots {
  readonly #all = new Bulkhead({ inAll: CONCURRENT });
  readonly #others = new Bulkhead({ inAll: CONCURRENT - KEPT_FOR_MINTS });
  readonly #connect = new Bulkhead({ inAll: CONCURRENT_CONNECT });
  readonly #heavyMints = new Bulkhead({ inAll: HEAVY_MINTS });
  readonly #notLight = new Bulkhead({ inAll: CONCURRENT - KEPT_FOR_LIGHT_MINTS });
  readonly #perBucket = new Bulkhead({ inAll: Number.POSITIVE_INFINITY, each: CONCURRENT_PER_BUCKET });
  readonly #perUser = new Bulkhead({ inAll: Number.POSITIVE_INFINITY, each: CONCURRENT_PER_USER });
  readonly #mintsOfTenant = new Map<string, number>();

  /**
   * Takes all the slots that a call needs.
   *
   * @returns a function that releases the slots; `undefined` if a slot didn't become free in time
   */
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
    // All buckets share one queue for these slots, so that calls enter in order of arrival.
    for (const bulkhead of shared) isInside &&= bulkhead === false || (await enter(bulkhead, ALL));
    if (isInside) return releaseAll;
    releaseAll();
    return undefined;
  }

  /**
   * Counts one more mint for the tenant.
   *
   * @returns the number of the tenant's mints that are now in flight or waiting
   */
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

  /** The number of buckets, users and tenants with calls in flight or waiting. For tests. */
  get remembered(): number {
    return this.#perBucket.callers + this.#perUser.callers + this.#mintsOfTenant.size;
  }
}
