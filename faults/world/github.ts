/** Runs the offline GitHub as a process of its own, and returns the client that controls it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { type ControlClient, createControlClient } from 'offline-github';
import { endWithParent } from '../../local/process/end-with-parent';
import { keepRemains } from '../../local/remains/keep';

export const MINT = 'POST /app/installations/{installation_id}/access_tokens';
export const REVOKE = 'DELETE /installation/token';

export interface GitHubProcess extends ControlClient {
  apiUrl: string;
  webUrl: string;
  pid: number;
  /**
   * Ends the process.
   *
   * @throws if a request of the app, or a response, violated GitHub's description
   */
  close(): Promise<void>;
}

export async function startGitHubProcess(): Promise<GitHubProcess> {
  const child = spawn(process.execPath, ['packages/offline-github/bin/offline-github.mjs', '--json'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  endWithParent(child, { signal: 'KILL' });
  let output = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    output += chunk;
  });
  const ended = once(child, 'exit');
  const [line] = await Promise.race([
    once(createInterface(child.stdout), 'line'),
    ended.then(() => Promise.reject(new Error(`the offline GitHub did not start: ${output}`))),
  ]);
  const { apiUrl, webUrl } = JSON.parse(line) as { apiUrl: string; webUrl: string };
  return {
    ...createControlClient(webUrl),
    apiUrl,
    webUrl,
    pid: child.pid ?? 0,
    close: async () => {
      child.kill('SIGTERM');
      const [code] = await ended;
      await keepRemains('logs', 'of GitHub', output);
      if (code !== 0) throw new Error(`the offline GitHub complains: ${output.slice(-2_000)}`);
    },
  };
}

/**
 * Counts the tokens that the app requested for callers. A sync may request a token at any time, but never with
 * `contents`, so tokens without `contents` aren't counted.
 */
export async function countMints(github: ControlClient, status?: number): Promise<number> {
  const mints = await github.requests.filter({ route: MINT, ...(status === undefined ? {} : { status }) });
  return mints.filter(({ body }) => JSON.stringify(body).includes('"contents"')).length;
}
