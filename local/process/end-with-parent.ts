import { type ChildProcess, spawn } from 'node:child_process';

/**
 * Makes sure that `child` ends when this process does, `kill -9` included: a shell waits for the end of its
 * input, which comes when this process is gone, ends the child and removes what was temporary.
 *
 * @returns ends the shell, once the child is gone or shall live on
 */
export function endWithParent(
  child: ChildProcess,
  { signal, temporaryFolder = '' }: { signal: 'INT' | 'TERM' | 'KILL'; temporaryFolder?: string },
): () => void {
  const script = [
    'read -r _',
    `kill -${signal} "$1" 2>/dev/null`,
    'while kill -0 "$1" 2>/dev/null; do sleep 0.1; done',
    '[ -z "$2" ] || rm -rf "$2"',
  ].join('\n');
  const watchdog = spawn('sh', ['-c', script, 'watchdog', String(child.pid), temporaryFolder], {
    // Ctrl-C must not reach it: it is there for just that.
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  watchdog.unref();
  watchdog.on('error', () => {});
  const stop = (): void => {
    watchdog.kill('SIGKILL');
  };
  // The pid must not be signalled once it may belong to somebody else.
  child.once('exit', stop);
  return stop;
}
