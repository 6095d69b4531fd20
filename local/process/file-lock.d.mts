/**
 * Runs `work` while no other process holds the lock file `lock`. `work` must not block the event loop, because a timer
 * touches the lock file. After 15 s without a touch, other processes regard the lock as left behind by a crash.
 *
 * @param whenWaiting printed once on stderr if another process holds the lock
 */
export function withFileLock<T>(lock: string, whenWaiting: string, work: () => Promise<T>): Promise<T>;
