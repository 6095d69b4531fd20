import { Circuit } from '../async';

/** Classes of calls that fail independently: failing syncs or user flows never block mints. */
export const ROUTE_CLASSES = ['mint', 'verify', 'sync', 'connect', 'app'] as const;

export type RouteClass = (typeof ROUTE_CLASSES)[number];

/** The circuit of a bucket (an installation or a user) opens after this many failures in a row. */
const FAILURES_UNTIL_OPEN = 5;
/** An open circuit rejects calls for this long, then lets one trial call through. */
const PAUSE_MS = 5000;
/** GitHub counts as down for a class once calls for this many tenants have failed with no success in between. */
const TENANTS_UNTIL_DOWN = 3;
/**
 * The pause between a class's trial calls while GitHub is down. It's short, because a single success ends the outage.
 */
const DOWN_PAUSE_MS = 1000;
/**
 * The maximum number of failing buckets to remember. Beyond it, the oldest bucket is forgotten, so calls for that
 * bucket resume early.
 */
const MOST_REMEMBERED = 5000;

type Options = {
  /** A monotonic clock, in milliseconds. */
  now: () => number;
  /** Called when the circuit of a whole class opens or closes. */
  onDown: (routeClass: RouteClass, isDown: boolean) => void;
  /** Called when a bucket's circuit opens or closes. `open` counts the open buckets of the class. */
  onBucket: (change: { routeClass: RouteClass; bucket: string; isOpen: boolean; open: number }) => void;
};

type Failing = { circuit: Circuit; lastFailedAt: number; isOpen: boolean };

/** The failures of one class. A bucket stays in `failing` from its first failure until its next success. */
class ClassState {
  readonly failing = new Map<string, Failing>();
  readonly down: Circuit;
  /** Consecutive failures in all buckets together. */
  failuresInRow = 0;
  /**
   * Tenants whose calls have failed since the class's last success. For a call without a tenant, the bucket counts as
   * the tenant.
   */
  readonly suspects = new Set<string>();
  open = 0;

  constructor(onDown: (isDown: boolean) => void, now: () => number) {
    this.down = new Circuit({ failures: 1, pauseMs: DOWN_PAUSE_MS }, now, onDown);
  }
}

/**
 * Rejects calls that would probably fail. Failures are tracked by class and by bucket, which is an installation or a
 * user. A failing bucket doesn't affect other buckets. But if calls for several tenants fail with no success in
 * between, GitHub counts as down. All buckets of the class then pause, except for one trial call at a time.
 */
export class Circuits {
  readonly #classes = new Map<RouteClass, ClassState>();

  constructor(private readonly options: Options) {}

  /** Returns the wait before a call, in milliseconds; 0 if the call may start now. */
  waitMs(routeClass: RouteClass, bucket: string): number {
    const state = this.#stateOf(routeClass);
    const failing = state.failing.get(bucket);
    const own = failing?.circuit.waitMs() ?? 0;
    const down = state.down.waitMs();
    if (down > 0 || !state.down.isOpen()) return Math.max(own, down);
    // GitHub counts as down and a trial call is due. Leave that call to a bucket that hasn't failed recently.
    return Math.max(own, this.#sinceFailureMs(failing));
  }

  #sinceFailureMs(failing: Failing | undefined): number {
    if (failing === undefined) return 0;
    return Math.max(0, failing.lastFailedAt + PAUSE_MS - this.options.now());
  }

  /** Registers the start of a call, which may be the trial call. */
  enter(routeClass: RouteClass, bucket: string): void {
    const state = this.#stateOf(routeClass);
    state.failing.get(bucket)?.circuit.enter();
    state.down.enter();
  }

  succeeded(routeClass: RouteClass, bucket: string): void {
    const state = this.#stateOf(routeClass);
    this.#forget(routeClass, state, bucket);
    state.failuresInRow = 0;
    state.suspects.clear();
    state.down.succeeded();
  }

  failed(routeClass: RouteClass, bucket: string, tenant = bucket): void {
    const state = this.#stateOf(routeClass);
    const failing = state.failing.get(bucket) ?? this.#remember(routeClass, state, bucket);
    failing.lastFailedAt = this.options.now();
    failing.circuit.failed();
    state.failuresInRow++;
    if (state.suspects.size < TENANTS_UNTIL_DOWN) state.suspects.add(tenant);
    const isDown = state.suspects.size >= TENANTS_UNTIL_DOWN && state.failuresInRow >= FAILURES_UNTIL_OPEN;
    if (isDown || state.down.isOpen()) state.down.failed();
  }

  #stateOf(routeClass: RouteClass): ClassState {
    const known = this.#classes.get(routeClass);
    if (known) return known;
    const state = new ClassState((isDown) => this.options.onDown(routeClass, isDown), this.options.now);
    this.#classes.set(routeClass, state);
    return state;
  }

  #remember(routeClass: RouteClass, state: ClassState, bucket: string): Failing {
    const [oldest] = state.failing.keys();
    if (state.failing.size >= MOST_REMEMBERED && oldest !== undefined)
      this.#forget(routeClass, state, oldest);
    const onChange = (isOpen: boolean) => {
      failing.isOpen = isOpen;
      this.#tell(routeClass, state, bucket, isOpen);
    };
    const options = { failures: FAILURES_UNTIL_OPEN, pauseMs: PAUSE_MS };
    const failing: Failing = {
      circuit: new Circuit(options, this.options.now, onChange),
      lastFailedAt: 0,
      isOpen: false,
    };
    state.failing.set(bucket, failing);
    return failing;
  }

  #forget(routeClass: RouteClass, state: ClassState, bucket: string): void {
    const failing = state.failing.get(bucket);
    if (failing === undefined) return;
    state.failing.delete(bucket);
    if (failing.isOpen) this.#tell(routeClass, state, bucket, false);
  }

  #tell(routeClass: RouteClass, state: ClassState, bucket: string, isOpen: boolean): void {
    state.open += isOpen ? 1 : -1;
    this.options.onBucket({ routeClass, bucket, isOpen, open: state.open });
  }
}
