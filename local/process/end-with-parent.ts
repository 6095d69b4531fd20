import { type ChildProcess, spawn } from 'node:child_process';

/**
 * Ends `child` with this process, even after `kill -9`. A shell waits for the end of its input, which comes when this
 * process is gone. Then it ends the child and removes temporary files.
 *
 * @returns a function that ends the shell, after the child ended or when it should continue
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
    // Ctrl-C must not reach the shell, because it ends the child then.
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
