/**
 * Writes the tag that workflows name in `uses:`. Its commit holds the action with the compiled client, because a runner
 * checks out and runs, and installs nothing.
 *
 *   npx tsx local/client/release-action.ts v1 [REMOTE]
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ensureClientBuilt } from './build.mjs';

const CONTENTS = ['LICENSE', 'action', 'bin', 'dist', 'package.json'];

const [tag = '', remote = 'origin'] = process.argv.slice(2);
if (!/^v\d+(?:\.\d+){0,2}$/.test(tag)) throw new Error('Name the tag, such as v1.');
await ensureClientBuilt();

const folder = mkdtempSync(path.join(tmpdir(), 'pulsestream-action-'));
try {
  // An index of its own leaves the checkout as it is.
  const env = { ...process.env, GIT_INDEX_FILE: path.join(folder, 'index') };
  const git = (...args: string[]) => execFileSync('git', args, { env, encoding: 'utf8' }).trim();
  const root = git('rev-parse', '--show-toplevel');
  const contents = CONTENTS.map((name) => `client/${name}`);
  git('-C', root, 'add', '--force', '--', ...contents);
  // A runner needs no tests.
  git('-C', root, 'rm', '--cached', '--quiet', '--ignore-unmatch', '--', 'client/action/*.test.ts');
  const commit = git(
    'commit-tree',
    git('write-tree'),
    '-p',
    'HEAD',
    '-m',
    `build(client): compile ${tag} of the action`,
  );
  git('tag', '--force', tag, commit);
  git('push', '--force', remote, `refs/tags/${tag}`);
} finally {
  rmSync(folder, { recursive: true });
}
