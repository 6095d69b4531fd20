import type { Clock } from './clock';
import { SeededRandom } from './random';
import type { RefusalName } from './refusals';
import type { Permissions } from './settings';

type FaultKind =
  | { kind: 'status'; status: number; message?: string }
  | { kind: 'hang' }
  | { kind: 'cut' }
  | { kind: 'html'; status?: number }
  /** A refusal from `REFUSALS`. `headers` and `message` override the refusal's own. */
  | { kind: 'refusal'; name: RefusalName; headers?: Record<string, string>; message?: string }
  | { kind: 'secondary-rate-limit'; retryAfterSeconds: number }
  | { kind: 'primary-rate-limit'; resetInSeconds: number };

/**
 * A fault that replaces the response. With `afterEffect`, the request is processed first and only its response is lost.
 * For example, a mint that is cut this way has created a token.
 */
export type Fault = FaultKind & { afterEffect?: boolean };

export interface WebhookKnobs {
  /** Probability in [0, 1] that a delivery is never sent. */
  drop: number;
  /** Probability in [0, 1] that a delivery is sent twice, with the same GUID. */
  duplicate: number;
  delayMs: number;
  /** Shuffles the deliveries that fall into the same window of `shuffleWindowMs`. */
  shuffle: boolean;
  shuffleWindowMs: number;
  /** Holds deliveries back until `release`. */
  hold: boolean;
  /** Restricts the other knobs to these events (`installation`) or actions (`installation.deleted`). */
  only: string[];
  /**
   * Seeds the random sequence of drops, duplicates and shuffles. Setting it restarts the sequence, even with the same
   * value.
   */
  seed: number;
  concurrency: number;
}

export interface KnobSettings {
  clockOffsetMs: number;
  tokenFormat: 'classic' | 'stateless';
  /** How long a token is rejected after its mint, to simulate replication lag. */
  replicationLagMs: number;
  replicationStatus: 401 | 403 | 404;
  /**
   * How many requests git's servers reject a new token for, with 404, although the API accepts the token. GitHub's do so
   * for some seconds at times.
   */
  gitRejectsFirst: number;
  /** The lifetime of a new token. GitHub's tokens last one hour, so a client must notice one that lasts longer. */
  tokenLifetimeMs: number;
  /**
   * Permissions to grant beyond the requested ones. GitHub should never do this, so a client must notice if it does.
   */
  widenPermissions: Permissions | null;
  /** Requested permissions to leave out of the token. */
  withholdPermissions: string[];
  /**
   * Widens a token whose request names repositories. `one_more` adds another repository of the installation. `all`
   * covers the whole installation and lists its repositories. `unsaid` does the same, but the response contains neither
   * the list nor the selection. `selection` adds no repository, but the response claims that the selection is `all`.
   */
  widenRepositories: 'one_more' | 'all' | 'unsaid' | 'selection' | null;
  /**
   * With `remaining: null`, this server counts requests itself. Otherwise, `remaining` is the number of requests left,
   * and each request decrements it.
   */
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
  gitRejectsFirst: 0,
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

/** A response that a test may alter before it is sent. Write numbers beyond 2^53 as `bigint`. */
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

/** A response that is held back after its request was processed. */
export interface HeldAnswer {
  route: string;
  arrived(): void;
  released: Promise<void>;
}

/**
 * Controls how this GitHub misbehaves. A route is written as in GitHub's reference, with its method: `POST
 * /app/installations/{installation_id}/access_tokens`. `*` matches any characters.
 */
export class Knobs {
  #current: KnobSettings = structuredClone(DEFAULTS);
  #latency = new Map<string, number>();
  #faults: PlannedFault[] = [];
  #heldAnswers: HeldAnswer[] = [];
  #alterations: PlannedAlteration[] = [];
  /** The release function of every hold, whether it is still planned or is already holding back a response. */
  #releases = new Set<() => void>();
  #random = new SeededRandom(DEFAULTS.webhooks.seed);
  /** How many requests of git each token was rejected for, by its hash. */
  readonly #gitRejections = new Map<string, number>();

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

  /** Counts a request of git. True if git's servers do not accept the token yet. */
  takeGitRejection(tokenHash: string): boolean {
    const before = this.#gitRejections.get(tokenHash) ?? 0;
    if (before >= this.#current.gitRejectsFirst) return false;
    this.#gitRejections.set(tokenHash, before + 1);
    return true;
  }

  /** Delays every response of the route by `ms`. 0 ends the delay. */
  latency(route: string, ms: number): void {
    if (ms > 0) this.#latency.set(route, ms);
    else this.#latency.delete(route);
  }

  /** Makes the next `times` requests to the route fail with `fault`. */
  failNext(route: string, fault: Fault, times = 1): void {
    this.#faults.push({ route, fault, left: times });
  }

  /**
   * Replaces the next `times` responses of the route with the result of `alter`. Works only in process. Altered
   * responses are not checked, so a test can send a client something that GitHub's OpenAPI description doesn't allow.
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
   * Processes the next request to the route, but holds back its response until `release` is called. By then, the
   * response may be stale. Calling `release` before the request arrives cancels the hold.
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

  /** Resets all knobs and releases held responses, so that a failed test leaves no pending request behind. */
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

  /**
   * Uses up one planned fault for the route.
   *
   * @returns the fault, or null if none is planned
   */
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

/** True if the route matches the pattern, in which `*` stands for any characters. */
export function matchesRoute(pattern: string, route: string): boolean {
  if (!pattern.includes('*')) return pattern === route;
  const source = pattern
    .split('*')
    .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
    .join('.*');
  return new RegExp(`^${source}$`).test(route);
}
