import { spawn } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';

/** Answers git with the token from the environment of this one git. */
const HELPER =
  '!f() { test "$1" = get && printf "username=x-access-token\\npassword=%s\\n" "$CLONE_TOKEN"; }; f';

/** GitHub's git servers may reject a new token for some seconds. */
const WAITS_MS = [1_000, 2_000, 4_000];

/**
 * Clones the newest commit of a repository. The token is in no argument and in no file.
 *
 * @param {string} url
 * @param {string} directory does not exist yet
 * @param {import('pulsestream').Job} job
 * @throws with git's last line, if git fails
 */
export async function cloneRepository(url, directory, job) {
  const { origin } = new URL(url);
  const args = [
    // The first, empty helper removes those that the machine has configured, because one could store the token.
    ...['-c', 'credential.helper='],
    // git asks this helper for GitHub's own origin only, so a redirect to another host gets no token.
    ...['-c', `credential.${origin}.helper=${HELPER}`],
    ...['clone', '--quiet', '--depth=1', '--no-tags', '--', url, directory],
  ];
  for (let attempt = 0; ; attempt += 1) {
    // Asked for each clone: the job returns a new token before the old one expires.
    const { value } = await job.token();
    const { code, message } = await git(args, value, job.signal);
    if (code === 0) return;
    job.signal.throwIfAborted();
    const delay = WAITS_MS[attempt];
    if (delay === undefined) throw new Error(message);
    await rm(directory, { recursive: true, force: true });
    await wait(delay, undefined, { signal: job.signal });
  }
}

/** Runs git to its end. An abort ends git and the programs that it has started, such as the one that speaks HTTP. */
function git(args, token, signal) {
  const env = {
    ...process.env,
    CLONE_TOKEN: token,
    GIT_TERMINAL_PROMPT: '0',
    GIT_ASKPASS: '',
    GIT_LFS_SKIP_SMUDGE: '1',
  };
  return new Promise((resolve, reject) => {
    const child = spawn('git', args, { env, detached: true, stdio: ['ignore', 'ignore', 'pipe'] });
    // Detached, git leads a process group of its own, which a negative id names.
    const stop = () => child.pid && process.kill(-child.pid);
    signal.addEventListener('abort', stop);
    let message = '';
    child.stderr.setEncoding('utf8').on('data', (text) => {
      message = `${message}${text}`.slice(-2_000);
    });
    child.once('error', reject);
    child.once('close', (code) => {
      signal.removeEventListener('abort', stop);
      resolve({ code, message: message.trim().split('\n').at(-1) ?? '' });
    });
    if (signal.aborted) stop();
  });
}
