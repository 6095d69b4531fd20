/** A copy of the checkout in a temporary folder, in which mutations are applied. The checkout itself stays unchanged. */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
} from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** Files that git ignores but tests need: Prisma's client. */
const GENERATED = 'lib/db/generated';

/** Folders of caches in node_modules. Linking them would let a run change the checkout's own caches. */
const isCache = (folder: string) => folder.startsWith('.') && folder !== '.bin';

export class Scratch {
  #isRemoved = false;

  private constructor(readonly root: string) {}

  /** Copies every tracked file as it is in the working tree, including changes that aren't committed. */
  static create(checkout = process.cwd()): Scratch {
    const root = realpathSync(mkdtempSync(path.join(tmpdir(), 'claims-')));
    // If this process is root, PostgreSQL runs as another user, so that user must be able to enter the folder.
    chmodSync(root, 0o755);
    const tracked = execFileSync('git', ['ls-files', '-z'], { cwd: checkout, encoding: 'utf8' }).split('\0');
    for (const file of [...tracked, GENERATED]) {
      const from = path.join(checkout, file);
      if (file !== '' && existsSync(from)) cpSync(from, path.join(root, file), { recursive: true });
    }
    linkFiles(path.join(checkout, 'node_modules'), path.join(root, 'node_modules'));
    const scratch = new Scratch(root);
    // Some tests list the tracked files. The index also restores the files after each mutation.
    for (const args of [
      ['init', '--quiet'],
      ['add', '--all'],
    ])
      scratch.git(args);
    return scratch;
  }

  /** @returns git's message if the patch does not apply */
  apply(patch: string): string | undefined {
    const { status, stderr } = this.git(['apply', '--whitespace=nowarn', path.resolve(patch)], false);
    return status === 0 ? undefined : stderr.trim();
  }

  /** Undoes the mutation, including files that it added. */
  restore(): void {
    // An interrupt removes the copy while a test still runs in it.
    if (this.#isRemoved) return;
    this.git(['checkout', '--quiet', '--', '.']);
    this.git(['clean', '--quiet', '--force', '-d']);
  }

  async remove(): Promise<void> {
    this.#isRemoved = true;
    await rm(this.root, { recursive: true, force: true });
  }

  private git(args: string[], mustSucceed = true): { status: number | null; stderr: string } {
    const run = spawnSync('git', args, { cwd: this.root, encoding: 'utf8', env: withoutGit(process.env) });
    if (mustSucceed && run.status !== 0) throw new Error(`git ${args.join(' ')}: ${run.stderr}`);
    return run;
  }
}

/** Removes the variables that would make git work on another repository, for example inside a hook. */
function withoutGit(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(env).filter(([name]) => !name.startsWith('GIT_')),
  ) as NodeJS.ProcessEnv;
}

/** Links every file of a folder, which is faster than copying. Copies if the target is on another file system. */
function linkFiles(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [path.join(from, entry.name), path.join(to, entry.name)];
    if (entry.isDirectory()) {
      if (!isCache(entry.name)) linkFiles(source, target);
    } else if (entry.isSymbolicLink()) cpSync(source, target, { verbatimSymlinks: true });
    else linkOrCopy(source, target);
  }
}

function linkOrCopy(source: string, target: string): void {
  try {
    linkSync(source, target);
  } catch (error) {
    if (!['EXDEV', 'EPERM', 'EMLINK'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    cpSync(source, target);
  }
}
