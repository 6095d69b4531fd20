/**
 * The time between the signal to stop and the end of listening. In it, a load balancer learns that this process will
 * stop, while every request that the balancer still sends is served.
 */
import { onePerProcess } from '../async';

/**
 * Longer than a balancer that probes every second takes to notice, and than Kubernetes takes to tell all its nodes that
 * an endpoint is gone. Leaves time for the requests in flight before the 10 s that Docker waits.
 */
export const DRAIN_MS = 5000;

/** Something that probed readiness within this time still watches it. */
const WATCHED_MS = 60_000;

const state = onePerProcess('drain', () => ({ isStopping: false, probes: [] as number[] }));

/** Remembers that something asked whether this process is ready. */
export function noteProbe(): void {
  const { probes } = state();
  probes.push(performance.now());
  if (probes.length > 2) probes.shift();
}

/** True once the process was told to stop. Its readiness fails from then on, although every part still works. */
export function isStopping(): boolean {
  return state().isStopping;
}

/**
 * Announces the stop, then waits until load balancers have noticed. Does not wait if nothing watches readiness: two
 * probes show a watcher, while a script that waits for the start needs only one response.
 */
export async function drain(): Promise<void> {
  const current = state();
  current.isStopping = true;
  const [last = Number.NEGATIVE_INFINITY] = current.probes.length < 2 ? [] : current.probes.slice(-1);
  if (performance.now() - last < WATCHED_MS) await new Promise((resolve) => setTimeout(resolve, DRAIN_MS));
}

/** Forgets probes and the stop. For tests, whose servers share one process. */
export function forgetDrain(): void {
  state.forget();
}
