import { Semaphore } from '../../semaphore';
import type { RouteClass } from './circuits';

/**
 * GitHub allows 100 concurrent requests in all. Two replicas together stay below that; who runs more of them lowers
 * the numbers or spreads the load by GitHub's own limit, which is honoured like any other.
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

export type Wanted = {
  routeClass: RouteClass;
  /** What GitHub counts together; `undefined`: by itself. */
  bucket: string | undefined;
  /** Whose calls share the heavy slots: a workspace. Without one, each bucket counts for itself. */
  tenant: string | undefined;
};

/** How many calls are in flight, in all and of each. Whatever is idle is forgotten. */
export class Places {
  readonly #all = new Semaphore(CONCURRENT);
  readonly #others = new Semaphore(CONCURRENT - KEPT_FOR_MINTS);
  readonly #connect = new Semaphore(CONCURRENT_CONNECT);
  readonly #heavyMints = new Semaphore(HEAVY_MINTS);
  readonly #notLight = new Semaphore(CONCURRENT - KEPT_FOR_LIGHT_MINTS);
  readonly #perBucket = new Map<string, { semaphore: Semaphore; size: number }>();
  readonly #mintsOfTenant = new Map<string, number>();

  /** @returns how to give the slots back, to be called once; `undefined` if they were not free in time */
  async enter(wanted: Wanted, waitMs: number): Promise<(() => void) | undefined> {
    const { routeClass, bucket } = wanted;
    const tenant = wanted.tenant ?? bucket;
    const isMint = routeClass === 'mint';
    const isLight = isMint && (tenant === undefined || this.#countMint(tenant) <= LIGHT_PER_TENANT);
    const semaphores = [
      bucket === undefined ? undefined : this.#ofBucket(bucket, routeClass),
      routeClass === 'connect' ? this.#connect : undefined,
      isMint ? undefined : this.#others,
      isMint && !isLight ? this.#heavyMints : undefined,
      isLight ? undefined : this.#notLight,
      this.#all,
    ];
    const entered: (() => void)[] = [];
    const leave = () => {
      for (const leaveOne of entered) leaveOne();
      if (isMint && tenant !== undefined) this.#uncountMint(tenant);
      if (bucket !== undefined) this.#forgetIdle(bucket);
    };
    const started = performance.now();
    for (const semaphore of semaphores) {
      if (semaphore === undefined) continue;
      const leaveOne = await semaphore.acquire(waitMs - (performance.now() - started));
      if (leaveOne === undefined) {
        leave();
        return undefined;
      }
      entered.push(leaveOne);
    }
    return leave;
  }

  /** @returns how many are in flight or waiting, this one included */
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

  #ofBucket(bucket: string, routeClass: RouteClass): Semaphore {
    const known = this.#perBucket.get(bucket);
    if (known) return known.semaphore;
    const size = routeClass === 'connect' ? CONCURRENT_PER_USER : CONCURRENT_PER_BUCKET;
    const semaphore = new Semaphore(size);
    this.#perBucket.set(bucket, { semaphore, size });
    return semaphore;
  }

  #forgetIdle(bucket: string): void {
    const known = this.#perBucket.get(bucket);
    if (known?.semaphore.isIdle(known.size)) this.#perBucket.delete(bucket);
  }

  /** What is kept for buckets and tenants. For tests. */
  get remembered(): number {
    return this.#perBucket.size + this.#mintsOfTenant.size;
  }
}
