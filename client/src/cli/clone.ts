import { existsSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { type End, endAs, type Foreground } from './child.js';
import { type Arguments, type Command, textOf } from './command.js';
import { environmentOfGit, tracesHttp } from './environment.js';
import { CommandError, EXIT } from './exit-codes.js';
import { asArguments, settingsForClone } from './git.js';
import { withSource } from './open-source.js';
import { assertUnixSockets } from './platform.js';
import { parseRepositoryName } from './repository-name.js';

/** Clones a repository with git. git asks this command for credentials, so no token is written anywhere. */
export const clone: Command = {
  summary: 'clones a repository, and leaves no token behind',
  usage: `Usage: pulsestream clone owner/name [DIRECTORY] [OPTION]…

Clones a repository with git. The token is in no file, argument or environment,
and is revoked when git ends. Submodules and Git LFS objects of the same account
are fetched too; other hosts and accounts get no credential.

  --ref REF               a branch, a tag, a commit or refs/…, instead of the
                          default branch
  --depth N               only the newest N commits
  --filter SPEC           a partial clone, such as blob:none
  --recurse-submodules    also the submodules
  --quiet                 no progress

Ends with the exit code of git. A later "git fetch" needs a token again:
pulsestream exec --repo owner/name -- git fetch.`,
  options: {
    ref: { type: 'string' },
    depth: { type: 'string' },
    filter: { type: 'string' },
    'recurse-submodules': { type: 'boolean' },
    quiet: { type: 'boolean', short: 'q' },
  },
  async run({ values, positionals: [given, directory, ...more], env, platform }) {
    assertUnixSockets('pulsestream clone', platform);
    if (given === undefined) throw new CommandError(EXIT.usage, 'Name the repository to clone: owner/name.');
    if (more.length > 0 || directory === '')
      throw new CommandError(EXIT.usage, 'Name one directory at most.');
    const name = parseRepositoryName(given);
    const [owner = '', folder = ''] = name.split('/');
    const options = readOptions(values);
    const end = await withSource(env, { owner }, async ({ source, socket, foreground }) => {
      const { cloneUrl } = await source.locate(name);
      const settings = asArguments(settingsForClone(cloneUrl, { http1: tracesHttp(env) }));
      const { protocol } = new URL(cloneUrl);
      const git = new Git(foreground, settings, {
        ...environmentOfGit(env, socket),
        GIT_ALLOW_PROTOCOL: protocol.slice(0, -1),
      });
      return cloneWith(git, cloneUrl, path.resolve(directory ?? folder), options);
    });
    return endAs(end);
  },
};

interface Options {
  ref: string | undefined;
  /** For both `clone` and `fetch`. */
  size: string[];
  quiet: string[];
  submodules: boolean;
}

/**
 * Reads the options for git. Each value stays in one argument with its option's name, so that none can become another
 * option.
 */
function readOptions(values: Arguments['values']): Options {
  const [ref, depth, filter] = ['ref', 'depth', 'filter'].map((name) => textOf(values, name));
  if (depth !== undefined && !/^[1-9]\d{0,9}$/.test(depth))
    throw new CommandError(EXIT.usage, '--depth takes a number of commits.');
  if (ref !== undefined && (ref === '' || ref.startsWith('-') || /[\0-\x20\x7f:]/.test(ref)))
    throw new CommandError(
      EXIT.usage,
      '--ref takes a branch, a tag, a commit or a name such as refs/pull/1/head.',
    );
  return {
    ref,
    size: [...(depth ? [`--depth=${depth}`] : []), ...(filter ? [`--filter=${filter}`] : [])],
    quiet: values.quiet === true ? ['--quiet'] : [],
    submodules: values['recurse-submodules'] === true,
  };
}

class Git {
  constructor(
    private readonly foreground: Foreground,
    private readonly settings: readonly string[],
    private readonly env: NodeJS.ProcessEnv,
  ) {}

  /** Runs git. After a signal, git's programs may end before git, which then reports a fault of theirs. */
  async run(...args: string[]): Promise<End> {
    const end = await this.foreground.run('git', [...this.settings, ...args], { env: this.env, group: true });
    const { interrupted } = this.foreground;
    return interrupted && 'code' in end && end.code !== EXIT.ok ? { signal: interrupted } : end;
  }
}

async function cloneWith(git: Git, url: string, directory: string, options: Options): Promise<End> {
  const { ref, size, quiet, submodules } = options;
  const recurse = submodules
    ? ['--recurse-submodules', ...(size.some(isDepth) ? ['--shallow-submodules'] : [])]
    : [];
  if (ref === undefined || !isExact(ref)) {
    const branch = ref === undefined ? [] : [`--branch=${ref}`];
    return git.run('clone', ...quiet, ...size, ...recurse, ...branch, '--', url, directory);
  }
  const wasThere = existsSync(directory);
  const steps = [
    ['clone', '--no-checkout', ...quiet, ...size, '--', url, directory],
    ['-C', directory, 'fetch', ...quiet, ...size, 'origin', ref],
    ['-C', directory, 'checkout', '--quiet', '--detach', 'FETCH_HEAD', '--'],
    ...(submodules
      ? [['-C', directory, 'submodule', ...quiet, 'update', '--init', '--recursive', ...size.filter(isDepth)]]
      : []),
  ];
  for (const [step, args] of steps.entries()) {
    const end = await git.run(...args);
    if ('code' in end && end.code === 0) continue;
    // git removes what a clone of its own left unfinished. The later steps are part of the clone too.
    if (step > 0) await removeClone(directory, wasThere);
    return end;
  }
  return { code: EXIT.ok };
}

const isDepth = (argument: string): boolean => argument.startsWith('--depth=');

/** True for what `git clone --branch` does not take: a commit, or a reference by its full name. */
function isExact(ref: string): boolean {
  return /^(?:[0-9a-f]{40}|[0-9a-f]{64}|refs\/.+)$/.test(ref);
}

/** Removes a clone, but not the empty directory that was there before. */
async function removeClone(directory: string, wasThere: boolean): Promise<void> {
  if (!wasThere) return rm(directory, { recursive: true, force: true });
  for (const name of await readdir(directory))
    await rm(path.join(directory, name), { recursive: true, force: true });
}
