/** Runs a part of a bench in its own process, so it doesn't share an event loop with the other parts. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { endWithParent } from '../local/process/end-with-parent';

export interface BenchProcess {
  pid: number;
  /** Sends one task and waits for its result. Only one task runs at a time. */
  ask(task: unknown): Promise<unknown>;
  stop(): Promise<void>;
}

/**
 * Starts a process.
 *
 * @param file a file in `bench/` that calls `serveTasks`
 * @param env variables to add to this process's environment
 */
export async function startProcess(file: string, env: Record<string, string> = {}): Promise<BenchProcess> {
  const child = fork(`bench/${file}`, {
    execArgv: ['--import', 'tsx'],
    env: { ...process.env, NODE_ENV: 'production', ...env },
  });
  endWithParent(child, { signal: 'KILL' });
  const ended = once(child, 'exit');
  const next = async (): Promise<unknown> => {
    const [answer] = await Promise.race([
      once(child, 'message'),
      ended.then(() => Promise.reject(new Error(`${file} ended`))),
    ]);
    return answer;
  };
  const ready = await next();
  if (ready !== 'ready') throw new Error(`${file} said ${JSON.stringify(ready)}`);
  return {
    pid: child.pid ?? 0,
    ask: (task) => {
      const answer = next();
      child.send(task as object);
      return answer;
    },
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/**
 * Called in the started process. Reports that the process is ready, then runs each task it receives and sends back the
 * result.
 */
export function serveTasks<T>(work: (task: T) => Promise<unknown>): void {
  process.on('message', (task: T) => {
    work(task).then(
      (answer) => process.send?.(answer),
      (error: unknown) => {
        console.error(error);
        process.exit(1);
      },
    );
  });
  process.send?.('ready');
}
