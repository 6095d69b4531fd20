import { type ChildProcess, spawn } from 'node:child_process';

/**
 * Ends `child` when this process ends, even after `kill -9`. For this, it starts a shell whose standard input is a pipe
 * from this process. When the pipe closes, the shell ends the child and removes its temporary files.
 *
 * @returns a function that ends the shell, so that the child may outlive this process
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
    // The shell is detached, because Ctrl-C must not end it before it has ended the child.
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  watchdog.unref();
  watchdog.on('error', () => {});
  const stop = (): void => {
    watchdog.kill('SIGKILL');
  };
  // Once the child has exited, its pid may belong to another process, which must not be signalled.
  child.once('exit', stop);
  return stop;
}
