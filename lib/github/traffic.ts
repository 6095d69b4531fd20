import { Bulkhead } from '../async';
import type { GitHubCause } from '../contract/github-causes';
import { log } from '../observability/log';
import { metrics } from '../observability/metrics';
import { Circuits, ROUTE_CLASSES, type RouteClass } from './circuits';
import { GitHubError, gitHubError } from './errors';

type Call = {
  route: string;
  routeClass: RouteClass;
  /** The key under which GitHub counts calls together; `undefined` for a call that is counted alone. */
  bucket: string | undefined;
  /** The workspace that causes the call, by which slots are shared. Without one, the bucket takes its place. */
  tenant: string | undefined;
  /** The longest wait for a slot, in milliseconds. */
  queueMs: number;
};

/** Limits the calls to one host of GitHub by calls in flight, by failures, and by the waits that GitHub requested. */
export class Traffic {
  readonly #slots = new Slots();
  readonly #holds: Holds;
  readonly #circuits: Circuits;

  /**
   * @param host names the host in metrics
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
   * Runs a call when it has a slot.
   *
   * @throws {GitHubError} `unavailable` or `rate_limited` without a call to GitHub; or the error of `work`
   */
  async run<T>(call: Call, work: () => Promise<T>): Promise<T> {
    this.#assertWorthAsking(call);
    const release = await this.#slots.enter(call, call.queueMs);
    if (release === undefined)
      throw notCalled('github_unavailable', call.route, 1000, 'too many calls are waiting already');
    try {
      // The state may have changed while the call was queued.
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

/** The key of calls without a bucket. */
const ALL = '';

/**
 * Returns the key of a wait. GitHub counts all calls of an installation together. The exchange of codes has its own
 * wait. The App's own calls are few, and reconcile stores their wait in the database for all replicas.
 */
function waitKeyOf({ bucket, route, routeClass }: Call): string | undefined {
  return bucket ?? (routeClass === 'connect' ? route : undefined);
}

function notCalled(reason: GitHubCause, route: string, waitMs: number, why: string): GitHubError {
  const retryAfterSeconds = Math.max(1, Math.ceil(waitMs / 1000));
  return gitHubError(reason, route, null, { retryAfterSeconds, cause: new Error(why) });
}

/** GitHub's limits reset within an hour, so no response holds calls back for longer. */
const LONGEST_MS = 3_600_000;
/** The most waits that are kept. The oldest is dropped first; GitHub's next response requests the wait again. */
const MOST_HELD = 5000;

type Hold = { until: number; reason: GitHubCause };

/** Keeps the waits that GitHub requested, by bucket. */
class Holds {
  readonly #holds = new Map<string, Hold>();

  /** @param now a clock that only runs forward, in milliseconds */
  constructor(private readonly now: () => number) {}

  /** Returns the rest of a wait, and its cause; `undefined` if there is none. */
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
 * The slots of this process. GitHub allows 100 concurrent requests, so two replicas stay below its limit. With more
 * replicas, GitHub's limit is honoured like any other.
 *
 * @see https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits
 */
const CONCURRENT = 45;
/** Slots for mints alone, which calls for pages, proofs and syncs never take. */
const KEPT_FOR_MINTS = 12;
/** Slots of calls for pages, which leave others to syncs. */
const CONCURRENT_CONNECT = 16;
/** Slots of one installation, which leave others to the rest. */
const CONCURRENT_PER_BUCKET = 24;
/** Slots of one user, whose flow makes few concurrent calls. */
const CONCURRENT_PER_USER = 8;
/** Mints in flight of one tenant that count as light. Slow calls of others cannot take their slots. */
const LIGHT_PER_TENANT = 3;
/** Slots for the mints of all tenants beyond their light ones. */
const HEAVY_MINTS = 21;
/** Slots for light mints alone, which stay free while all others are taken. */
const KEPT_FOR_LIGHT_MINTS = 8;

type Occupant = Pick<Call, 'routeClass' | 'bucket' | 'tenant'>;

/** Counts the calls in flight, in all and by bucket and tenant. Idle ones are dropped. */
export class Slots {
  readonly #all = new Bulkhead({ inAll: CONCURRENT });
  readonly #others = new Bulkhead({ inAll: CONCURRENT - KEPT_FOR_MINTS });
  readonly #connect = new Bulkhead({ inAll: CONCURRENT_CONNECT });
  readonly #heavyMints = new Bulkhead({ inAll: HEAVY_MINTS });
  readonly #notLight = new Bulkhead({ inAll: CONCURRENT - KEPT_FOR_LIGHT_MINTS });
  readonly #perBucket = new Bulkhead({ inAll: Number.POSITIVE_INFINITY, each: CONCURRENT_PER_BUCKET });
  readonly #perUser = new Bulkhead({ inAll: Number.POSITIVE_INFINITY, each: CONCURRENT_PER_USER });
  readonly #mintsOfTenant = new Map<string, number>();

  /** Takes the slots of a call. @returns a function that releases them; `undefined` if they were not free in time */
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
    // Calls of all buckets enter in the order of their arrival.
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

  /** Returns the number of buckets, users and tenants that are remembered. For tests. */
  get remembered(): number {
    return this.#perBucket.callers + this.#perUser.callers + this.#mintsOfTenant.size;
  }
}
