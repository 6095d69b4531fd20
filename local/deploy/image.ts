/** Starts `.next/standalone` as the image does, and builds the image without a registry. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { findProgram } from '../services/debian-programs';

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

/** Returns why the image cannot be built on this machine, or undefined if it can. */
export function whyNoImage(): string | undefined {
  const missing = ['buildah', 'mmdebstrap'].filter((name) => findProgram(name) === undefined);
  return whyNotConfined() ?? (missing.length === 0 ? undefined : `not installed: ${missing.join(', ')}`);
}

/** Mounts a folder read-only where only this process sees it, then becomes the image's user and the given program. */
const MOUNT_AND_EXEC =
  'mount --bind "$1" "$2" && mount -o remount,ro,bind "$2" && shift 2 && exec unshare "$@"';

/** Returns a command that runs the standalone server, or another command of it, read-only and not as root. */
export function confinedCommand(args: readonly string[] = instruction('CMD')): [string, ...string[]] {
  return confined(path.resolve('.next/standalone'), '/mnt', ['--wd=/mnt'], [process.execPath, ...args]);
}

/** Returns the same for an image's file system, which becomes the root of the process. */
export function imageCommand(
  root: string,
  args: readonly string[] = instruction('CMD'),
): [string, ...string[]] {
  return confined(root, root, [`--root=${root}`, '--wd=/app'], [...instruction('ENTRYPOINT'), ...args]);
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

/** The libraries that Node and TLS need, and nothing else: as in the Dockerfile's base image. */
const BASE_PACKAGES = 'libc6,libstdc++6,libgcc-s1,ca-certificates,tzdata';

export interface Image {
  /** The folder that holds the image's file system. */
  root: string;
  bytes: number;
  user: string;
  environment: string[];
  labels: Record<string, string>;
}

/**
 * Builds the last stage of the Dockerfile from the finished build, on a base image from Debian's packages.
 *
 * @param folder an empty folder, for everything that this leaves behind
 * @throws with the output of the program that failed
 */
export function buildImage(folder: string): Image {
  const base = path.join(folder, 'base.tar');
  run('mmdebstrap', ['--quiet', '--variant=extract', `--include=${BASE_PACKAGES}`, debianRelease(), base]);
  const context = path.join(folder, 'build');
  mkdirSync(path.join(context, 'usr/local/bin'), { recursive: true });
  mkdirSync(path.join(context, 'src/.next'), { recursive: true });
  run('cp', [process.execPath, path.join(context, 'usr/local/bin/node')]);
  run('cp', ['-r', '.next/standalone', path.join(context, 'src/.next/standalone')]);
  const buildah = (...args: string[]) =>
    run('buildah', ['--storage-driver=vfs', `--root=${folder}/images`, `--runroot=${folder}/run`, ...args]);
  const baseFile = path.join(folder, 'Base');
  writeFileSync(baseFile, 'FROM scratch\nADD base.tar /\n');
  buildah('build', '--quiet', '--tag=base', `--file=${baseFile}`, folder);
  // The finished build takes the place of the first stage, which would need a registry.
  const [, last = ''] = readFileSync('Dockerfile', 'utf8').split(/^FROM \$\{BASE_IMAGE\}$/m);
  const lastStage = path.join(folder, 'Dockerfile');
  writeFileSync(lastStage, `FROM localhost/base\n${last}`);
  buildah(
    'build',
    '--quiet',
    '--format=docker',
    '--tag=app',
    `--build-context=build=${context}`,
    `--file=${lastStage}`,
    folder,
  );
  const container = buildah('from', '--pull-never', 'app').trim();
  const { Docker } = JSON.parse(buildah('inspect', '--type=image', 'app'));
  const root = buildah('mount', container).trim();
  // A container's runtime writes the first, and the Dockerfile's base image holds the second.
  writeFileSync(path.join(root, 'etc/hosts'), '127.0.0.1 localhost\n');
  writeFileSync(path.join(root, 'etc/nsswitch.conf'), 'hosts: files dns\n');
  const { stdout } = spawnSync('du', ['--summarize', '--bytes', root], { encoding: 'utf8' });
  const { User, Env, Labels } = Docker.config;
  return { root, bytes: Number.parseInt(stdout, 10), user: User, environment: Env, labels: Labels };
}

/** Returns this machine's own release, because its package sources have no other. */
const debianRelease = (): string =>
  /^VERSION_CODENAME=(.*)$/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? 'stable';

function run(program: string, args: string[]): string {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8', maxBuffer: 2 ** 26 });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${stderr}`);
  return stdout;
}
