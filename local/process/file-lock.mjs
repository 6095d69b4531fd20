import { mkdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** The holder touches its lock every second. A lock untouched for this long was left behind by a crashed process. */
const STALE_MS = 15_000;

/** @type {import('./file-lock.d.mts').withFileLock} */
export async function withFileLock(lock, whenWaiting, work) {
  mkdirSync(path.dirname(lock), { recursive: true });
  let announced = false;
  while (!tryLock(lock)) {
    if (isStale(lock)) breakLock(lock);
    if (!announced) console.error(whenWaiting);
    announced = true;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  const heartbeat = setInterval(() => utimesSync(lock, new Date(), new Date()), 1_000);
  const release = () => rmSync(lock, { force: true });
  // Release the lock on an interrupt too, so the next command doesn't have to wait until the lock is stale.
  process.once('exit', release);
  const interrupted = () => process.exit(130);
  process.once('SIGINT', interrupted).once('SIGTERM', interrupted);
  try {
    return await work();
  } finally {
    clearInterval(heartbeat);
    process.off('SIGINT', interrupted).off('SIGTERM', interrupted).off('exit', release);
    release();
  }
}

function tryLock(lock) {
  try {
    writeFileSync(lock, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

/**
 * Removes a stale lock. Only one process at a time may do so. Otherwise, a second process could remove a new lock that
 * the first one has just taken.
 */
function breakLock(lock) {
  const right = `${lock}.break`;
  try {
    writeFileSync(right, '', { flag: 'wx' });
  } catch {
    if (isStale(right)) rmSync(right, { force: true });
    return;
  }
  try {
    if (isStale(lock)) rmSync(lock, { force: true });
  } finally {
    rmSync(right, { force: true });
  }
}

function isStale(file) {
  const stat = statSync(file, { throwIfNoEntry: false });
  return stat !== undefined && Date.now() - stat.mtimeMs > STALE_MS;
}
