/**
 * Runs `work` while no other process holds the lock file `lock`. `work` must leave the event loop free: a lock
 * that is not touched for 15 s counts as left behind by a dead process.
 *
 * @param whenWaiting printed once on stderr when somebody else holds it
 */
export function withFileLock<T>(lock: string, whenWaiting: string, work: () => Promise<T>): Promise<T>;
