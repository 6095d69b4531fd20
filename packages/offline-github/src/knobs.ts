import type { Clock } from './clock';
import { SeededRandom } from './random';
import type { RefusalName } from './refusals';
import type { Permissions } from './settings';

type FaultKind =
  | { kind: 'status'; status: number; message?: string }
  | { kind: 'hang' }
  | { kind: 'cut' }
  | { kind: 'html'; status?: number }
  /** As GitHub, or something before it, is on record to refuse; `headers` and `message` replace what is there. */
  | { kind: 'refusal'; name: RefusalName; headers?: Record<string, string>; message?: string }
  | { kind: 'secondary-rate-limit'; retryAfterSeconds: number }
  | { kind: 'primary-rate-limit'; resetInSeconds: number };

/**
 * What a faulty GitHub does instead of answering. With `afterEffect` it does what was asked first, so that
 * only the answer is lost: a mint that was cut has minted.
 */
export type Fault = FaultKind & { afterEffect?: boolean };

export interface WebhookKnobs {
  /** Probability in [0, 1] that a delivery is never sent. */
  drop: number;
  /** Probability in [0, 1] that a delivery is sent twice, with the same GUID. */
  duplicate: number;
  delayMs: number;
  /** Deliveries of one window are sent in another order. */
  shuffle: boolean;
  shuffleWindowMs: number;
  /** Keep deliveries until released. */
  hold: boolean;
  /** Restricts all of the above to these events (`installation`) or actions (`installation.deleted`). */
  only: string[];
  /** Setting it, even to the same value, starts the sequence of drops, duplicates and orders anew. */
  seed: number;
  concurrency: number;
}

export interface KnobSettings {
  clockOffsetMs: number;
  tokenFormat: 'classic' | 'stateless';
  /** For so long after its mint a token is not known everywhere yet. */
  replicationLagMs: number;
  replicationStatus: 401 | 403 | 404;
  /** How long a new token lives: GitHub's live an hour, and a client must notice if one lives longer. */
  tokenLifetimeMs: number;
  /** Granted on top of what a mint asked for: GitHub must never do so, and a client must notice. */
  widenPermissions: Permissions | null;
  /** Left out of what a mint asked for: its token can do less. */
  withholdPermissions: string[];
  /**
   * How a mint that names repositories covers more than these. `one_more` adds one of the installation, `all` covers
   * the whole installation and says so, `unsaid` does so and leaves the list out, `selection` only claims `all`.
   */
  widenRepositories: 'one_more' | 'all' | 'unsaid' | 'selection' | null;
  /** `remaining` null: counted; a number: what the next answer says, counting down from there. */
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

/** An answer as it is about to be sent. Numbers beyond 2^53 are written as `bigint`. */
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

/** One answer that is kept back after everything was done. */
export interface HeldAnswer {
  route: string;
  arrived(): void;
  released: Promise<void>;
}

/**
 * How this GitHub misbehaves. Routes are named as in GitHub's reference, with the method:
 * `POST /app/installations/{installation_id}/access_tokens`; `*` stands for any run of characters.
 */
export class Knobs {
  #current: KnobSettings = structuredClone(DEFAULTS);
  #latency = new Map<string, number>();
  #faults: PlannedFault[] = [];
  #heldAnswers: HeldAnswer[] = [];
  #alterations: PlannedAlteration[] = [];
  /** Of every answer that is to be kept back or is so now. */
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

  /** Every answer of the route takes this much longer; 0 ends it. */
  latency(route: string, ms: number): void {
    if (ms > 0) this.#latency.set(route, ms);
    else this.#latency.delete(route);
  }

  /** The next `times` requests to the route fail in this way. */
  failNext(route: string, fault: Fault, times = 1): void {
    this.#faults.push({ route, fault, left: times });
  }

  /**
   * The next `times` answers of the route are sent as `alter` returns them. In process only. They are not held to
   * GitHub's description: that is how a client is shown what the description does not have.
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
   * The next request to the route is done, and its answer kept back until `release`; meanwhile the answer grows old.
   * `release` before any request came ends it, too.
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

  /** Also releases what is kept back: a test that failed must not leave a request hanging for the next one. */
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

  /** Uses up one planned fault of the route, if there is any. */
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

/** `*` in the pattern stands for any run of characters; all else is literal. */
export function matchesRoute(pattern: string, route: string): boolean {
  if (!pattern.includes('*')) return pattern === route;
  const source = pattern
    .split('*')
    .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
    .join('.*');
  return new RegExp(`^${source}$`).test(route);
}
