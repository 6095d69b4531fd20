import { type ChildProcess, spawn } from 'node:child_process';

/**
 * Ends `child` when this process ends, even after `kill -9`. It starts a shell whose standard input is a pipe from this
 * process. When the pipe closes, the shell ends the child and removes its temporary files. With `isGroup`, it ends the process group that the
 * child leads.
 *
 * @returns a function that ends the shell, after which the child may outlive this process
 */
export function endWithParent(
  child: ChildProcess,
  {
    signal,
    temporaryFolder = '',
    isGroup = false,
  }: { signal: 'INT' | 'TERM' | 'KILL'; temporaryFolder?: string; isGroup?: boolean },
): () => void {
  const script = [
    'read -r _',
    `kill -${signal} "$1" 2>/dev/null`,
    'while kill -0 "$1" 2>/dev/null; do sleep 0.1; done',
    '[ -z "$2" ] || rm -rf "$2"',
  ].join('\n');
  const watchdog = spawn(
    'sh',
    ['-c', script, 'watchdog', `${isGroup ? '-' : ''}${child.pid}`, temporaryFolder],
    {
      // Detach the shell, so Ctrl-C can't end it before it has ended the child.
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
    },
  );
  watchdog.unref();
  watchdog.on('error', () => {});
  const stop = (): void => {
    watchdog.kill('SIGKILL');
  };
  // Once the child has exited, another process may get its pid. Stop the shell, so it never signals that process.
  child.once('exit', stop);
  return stop;
}
