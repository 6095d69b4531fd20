/** Starts `.next/standalone` as the image does. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';

/** The user in the image and in the manifests. */
export const IMAGE_USER = 65532;

/** Returns the JSON array after an instruction of the Dockerfile, such as `CMD`. */
const instruction = (name: string): string[] =>
  JSON.parse(new RegExp(`^${name} (\\[.*\\])$`, 'm').exec(readFileSync('Dockerfile', 'utf8'))?.[1] ?? '[]');

/** Returns why nothing can be started in a read-only file system as another user, or undefined if it can. */
export function whyNotConfined(): string | undefined {
  if (process.getuid?.() !== 0) return 'only root may mount a read-only file system';
  const { status } = spawnSync('unshare', ['--mount', 'true']);
  return status === 0 ? undefined : 'this machine allows no mount namespace';
}

/** Mounts a folder read-only where only this process sees it, then becomes the image's user and the given program. */
const MOUNT_AND_EXEC =
  'mount --bind "$1" "$2" && mount -o remount,ro,bind "$2" && shift 2 && exec unshare "$@"';

/** Returns a command that runs the standalone server, or another command of it, read-only and not as root. */
export function confinedCommand(args: readonly string[] = instruction('CMD')): [string, ...string[]] {
  return confined(path.resolve('.next/standalone'), '/mnt', ['--wd=/mnt'], [process.execPath, ...args]);
}

function confined(from: string, to: string, where: string[], command: string[]): [string, ...string[]] {
  const user = [`--setuid=${IMAGE_USER}`, `--setgid=${IMAGE_USER}`];
  return [
    'unshare',
    '--mount',
    'sh',
    '-c',
    MOUNT_AND_EXEC,
    'sh',
    from,
    to,
    ...where,
    ...user,
    '--',
    ...command,
  ];
}
