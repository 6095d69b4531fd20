/** Chooses the user that runs PostgreSQL, which refuses to run as root, and folders that this user can access. */

import { createHash } from 'node:crypto';
import { chown, mkdir, mkdtemp, readFile, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

export interface SystemUser {
  uid: number;
  gid: number;
}

/** Returns the user `postgres`, or `nobody` if there is no such user. Returns undefined if this process is not root. */
export async function unprivilegedUser(): Promise<SystemUser | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const accounts = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'));
  for (const name of ['postgres', 'nobody']) {
    const account = accounts.find(([login]) => login === name);
    if (account) return { uid: Number(account[2]), gid: Number(account[3]) };
  }
  throw new Error(
    'PostgreSQL cannot run as root, and this machine has no user "postgres" or "nobody" to run it as.',
  );
}

/** Creates a private folder with a short path, because a Unix socket's path is limited to about 100 characters. */
export async function makeRuntimeFolder(user: SystemUser | undefined): Promise<string> {
  const base = process.platform === 'win32' ? tmpdir() : '/tmp';
  const folder = await mkdtemp(path.join(base, 'pulsestream-'));
  if (user) await chown(folder, user.uid, user.gid);
  return folder;
}

/**
 * Returns `folder`, or a substitute in the temporary folder if `user` cannot reach `folder`, for example because it is
 * in root’s home.
 */
export async function reachableFolder(folder: string, user: SystemUser | undefined): Promise<string> {
  await mkdir(path.dirname(folder), { recursive: true });
  if (user === undefined || (await isReachable(path.dirname(folder)))) return folder;
  const standIn = path.join(
    tmpdir(),
    `pulsestream-data-${createHash('sha256').update(folder).digest('hex').slice(0, 12)}`,
  );
  return standIn;
}

/** True if every user may enter the folder and its parents. */
export async function isReachable(folder: string): Promise<boolean> {
  for (let current = path.resolve(folder); ; current = path.dirname(current)) {
    if (((await stat(current)).mode & 0o001) === 0) return false;
    if (current === path.dirname(current)) return true;
  }
}
