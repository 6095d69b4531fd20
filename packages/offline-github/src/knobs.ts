import type { Clock } from './clock';
import { SeededRandom } from './random';
import type { RefusalName } from './refusals';
import type { Permissions } from './settings';

type FaultKind =
  | { kind: 'status'; status: number; message?: string }
  | { kind: 'hang' }
  | { kind: 'cut' }
  | { kind: 'html'; status?: number }
  /** A recorded refusal. `headers` and `message` replace the recorded ones. */
  | { kind: 'refusal'; name: RefusalName; headers?: Record<string, string>; message?: string }
  | { kind: 'secondary-rate-limit'; retryAfterSeconds: number }
  | { kind: 'primary-rate-limit'; resetInSeconds: number };

/**
 * A fault in place of the response. With `afterEffect` the request takes effect and only the response is lost: a mint
 * that is cut has created a token.
 */
export type Fault = FaultKind & { afterEffect?: boolean };

export interface WebhookKnobs {
  /** Probability in [0, 1] that a delivery is never sent. */
  drop: number;
  /** Probability in [0, 1] that a delivery is sent twice, with the same GUID. */
  duplicate: number;
  delayMs: number;
  /** Sends the deliveries of one window in another order. */
  shuffle: boolean;
  shuffleWindowMs: number;
  /** Keeps deliveries until `release`. */
  hold: boolean;
  /** Restricts the other knobs to these events (`installation`) or actions (`installation.deleted`). */
  only: string[];
  /** Restarts the sequence of drops, duplicates and orders, even when set to the same value. */
  seed: number;
  concurrency: number;
}

export interface KnobSettings {
  clockOffsetMs: number;
  tokenFormat: 'classic' | 'stateless';
  /** The time after its mint in which a token is rejected. */
  replicationLagMs: number;
  replicationStatus: 401 | 403 | 404;
  /** The lifetime of a new token. GitHub's is one hour, and a client must notice a longer one. */
  tokenLifetimeMs: number;
  /** Permissions beyond the requested ones. GitHub must never grant any, and a client must notice. */
  widenPermissions: Permissions | null;
  /** Requested permissions that the token does not get. */
  withholdPermissions: string[];
  /**
   * Widens a mint that names repositories. `one_more` adds one of the installation. `all` covers the whole installation
   * and returns the list; `unsaid` does the same without the list. `selection` only returns `all` as the selection.
   */
  widenRepositories: 'one_more' | 'all' | 'unsaid' | 'selection' | null;
  /** `remaining` is counted if null. A number is returned by the next response and counts down from there. */
  rateLimit: { limit: number; remaining: number | null; enforce: boolean };
  webhooks: WebhookKnobs;
}

export type KnobChanges = Partial<Omit<KnobSettings, 'webhooks' | 'rateLimit'>> & {
  webhooks?: Partial<WebhookKnobs>;
  rateLimit?: Partial<KnobSettings['rateLimit']>;
};

export interface PlannedFault {
  route: string;
  fault: Fault;
  left: number;
}

const DEFAULTS: KnobSettings = {
  clockOffsetMs: 0,
  tokenFormat: 'classic',
  replicationLagMs: 0,
  replicationStatus: 401,
  tokenLifetimeMs: 3_600_000,
  widenPermissions: null,
  withholdPermissions: [],
  widenRepositories: null,
  rateLimit: { limit: 5_000, remaining: null, enforce: false },
  webhooks: {
    drop: 0,
    duplicate: 0,
    delayMs: 0,
    shuffle: false,
    shuffleWindowMs: 50,
    hold: false,
    only: [],
    seed: 1,
    concurrency: 1,
  },
};

/** A response before it is sent. Write numbers beyond 2^53 as `bigint`. */
export interface AlterableAnswer {
  status: number;
  json: unknown;
  headers: Record<string, string>;
}

interface PlannedAlteration {
  route: string;
  alter: (answer: AlterableAnswer, request: { page: number }) => Partial<AlterableAnswer>;
  left: number;
}

/** A response that is held after the request took effect. */
export interface HeldAnswer {
  route: string;
  arrived(): void;
  released: Promise<void>;
}

/**
 * Controls how this GitHub misbehaves. A route is written with its method, as in GitHub's reference:
 * `POST /app/installations/{installation_id}/access_tokens`. `*` matches any characters.
 */
export class Knobs {
  #current: KnobSettings = structuredClone(DEFAULTS);
  #latency = new Map<string, number>();
  #faults: PlannedFault[] = [];
  #heldAnswers: HeldAnswer[] = [];
  #alterations: PlannedAlteration[] = [];
  /** Releases every response that is held, or planned to be. */
  #releases = new Set<() => void>();
  #random = new SeededRandom(DEFAULTS.webhooks.seed);

  constructor(private readonly clock: Clock) {}

  get current(): Readonly<KnobSettings> {
    return this.#current;
  }

  get random(): SeededRandom {
    return this.#random;
  }

  set(changes: KnobChanges): Readonly<KnobSettings> {
    this.#current = {
      ...this.#current,
      ...changes,
      webhooks: { ...this.#current.webhooks, ...changes.webhooks },
      rateLimit: { ...this.#current.rateLimit, ...changes.rateLimit },
    };
    this.clock.offsetMs = this.#current.clockOffsetMs;
    if (changes.webhooks?.seed !== undefined) this.#random = new SeededRandom(changes.webhooks.seed);
    return this.#current;
  }

  /** Delays every response of the route; 0 ends the delay. */
  latency(route: string, ms: number): void {
    if (ms > 0) this.#latency.set(route, ms);
    else this.#latency.delete(route);
  }

  /** Makes the next `times` requests to the route fail. */
  failNext(route: string, fault: Fault, times = 1): void {
    this.#faults.push({ route, fault, left: times });
  }

  /**
   * Replaces the next `times` responses of the route by the result of `alter`, in process only. They are not compared
   * with
   * GitHub's description, so that a client can be tested against undescribed responses.
   */
  alterNextAnswers(route: string, alter: PlannedAlteration['alter'], times = 1): void {
    this.#alterations.push({ route, alter, left: times });
  }

  takeAlteration(route: string): PlannedAlteration['alter'] | undefined {
    const planned = this.#alterations.find((each) => each.left > 0 && matchesRoute(each.route, route));
    if (planned) planned.left -= 1;
    return planned?.alter;
  }

  /**
   * Processes the next request to the route, and holds its response until `release`, so that the response becomes
   * stale.
   * A `release` before the request cancels the hold.
   */
  holdNextAnswer(route: string): { arrived: Promise<void>; release: () => void } {
    let arrive = (): void => {};
    let end = (): void => {};
    const arrived = new Promise<void>((resolve) => {
      arrive = resolve;
    });
    const released = new Promise<void>((resolve) => {
      end = resolve;
    });
    const held: HeldAnswer = { route, arrived: arrive, released };
    this.#heldAnswers.push(held);
    const release = () => {
      this.#heldAnswers = this.#heldAnswers.filter((each) => each !== held);
      this.#releases.delete(release);
      end();
    };
    this.#releases.add(release);
    return { arrived, release };
  }

  takeHeldAnswer(route: string): HeldAnswer | undefined {
    const held = this.#heldAnswers.find((each) => matchesRoute(each.route, route));
    if (held) this.#heldAnswers = this.#heldAnswers.filter((each) => each !== held);
    return held;
  }

  /** Resets all knobs and releases held responses: a failed test must not leave a pending request to the next. */
  reset(): void {
    this.#latency.clear();
    this.#faults = [];
    this.#alterations = [];
    for (const release of this.#releases) release();
    this.#current = structuredClone(DEFAULTS);
    this.#random = new SeededRandom(DEFAULTS.webhooks.seed);
    this.clock.offsetMs = 0;
  }

  latencyOf(route: string): number {
    for (const [pattern, ms] of this.#latency) if (matchesRoute(pattern, route)) return ms;
    return 0;
  }

  /** Returns and removes one planned fault of the route, if there is one. */
  takeFault(route: string): Fault | null {
    const planned = this.#faults.find(({ route: pattern, left }) => left > 0 && matchesRoute(pattern, route));
    if (!planned) return null;
    planned.left -= 1;
    return planned.fault;
  }

  describe(): { settings: KnobSettings; latency: Record<string, number>; faults: PlannedFault[] } {
    return {
      settings: this.#current,
      latency: Object.fromEntries(this.#latency),
      faults: this.#faults.filter(({ left }) => left > 0),
    };
  }
}

/** Returns whether a route matches a pattern, in which `*` stands for any characters. */
export function matchesRoute(pattern: string, route: string): boolean {
  if (!pattern.includes('*')) return pattern === route;
  const source = pattern
    .split('*')
    .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
    .join('.*');
  return new RegExp(`^${source}$`).test(route);
}
