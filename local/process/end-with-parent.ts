import { type ChildProcess, spawn } from 'node:child_process';

/**
 * Ends `child` when this process ends, even after `kill -9`. A shell waits for the end of its input, which comes when
 * this process is gone. The shell then ends the child and removes its temporary files.
 *
 * @returns a function that ends the shell. Call it after the child ended, or to let the child continue
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
    // Detached, because Ctrl-C must not end the shell before the shell has ended the child.
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
