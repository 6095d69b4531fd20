/** Runs a program in the foreground, and ends as the program ended. */
import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:os';
import { CommandError, EXIT } from './exit-codes.js';

export type End = { code: number } | { signal: NodeJS.Signals };

/** The signals that ask a program to do something, and that can be caught. */
const PASSED_ON = ['SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2'] as const;

/** A terminal sends these to all processes in its foreground, and so to the program itself. */
const FROM_TERMINAL: ReadonlySet<string> = new Set(['SIGINT', 'SIGQUIT']);

/** Signals that do not end a program by default: before one has started, they are ignored. */
const NOT_FINAL: ReadonlySet<string> = new Set(['SIGUSR1', 'SIGUSR2']);

/**
 * Catches signals from now on, so that tokens are revoked before this process ends. Signals go to the running program.
 * A second one while tokens are being revoked ends this process immediately.
 */
export class Foreground {
  #send: ((signal: NodeJS.Signals) => void) | undefined;
  #interrupted: NodeJS.Signals | undefined;
  #isEnding = false;
  readonly #catch = (signal: NodeJS.Signals): void => this.#receive(signal);

  constructor() {
    for (const signal of PASSED_ON) process.on(signal, this.#catch);
  }

  /** The last signal that asked this command to end. */
  get interrupted(): NodeJS.Signals | undefined {
    return this.#interrupted;
  }

  /**
   * Runs a program with this process's terminal, input and output.
   *
   * @param options.group passes signals to the programs that this one starts, too. With a terminal, the terminal does.
   * @throws CommandError if the program does not exist or may not be executed
   */
  async run(
    command: string,
    args: readonly string[],
    { env, group = false }: { env: NodeJS.ProcessEnv; group?: boolean },
  ): Promise<End> {
    if (this.#interrupted) return { signal: this.#interrupted };
    const detached = group && !hasTerminal();
    const child = spawn(command, args, { env, detached, stdio: 'inherit' });
    this.#send = (signal) => (detached ? signalGroup(child, signal) : child.kill(signal));
    try {
      return await new Promise<End>((resolve, reject) => {
        child.once('error', (error) => reject(notStarted(command, error)));
        child.once('exit', (code, signal) => resolve(signal ? { signal } : { code: code ?? EXIT.internal }));
      });
    } finally {
      this.#send = undefined;
    }
  }

  /** Stops catching signals. */
  release(): void {
    for (const signal of PASSED_ON) process.off(signal, this.#catch);
  }

  #receive(signal: NodeJS.Signals): void {
    if (!NOT_FINAL.has(signal)) this.#interrupted = signal;
    if (this.#send) {
      if (!(FROM_TERMINAL.has(signal) && hasTerminal())) this.#send(signal);
      return;
    }
    if (NOT_FINAL.has(signal)) return;
    if (this.#isEnding) {
      process.stderr.write('pulsestream: ended without revoking; each token expires within the hour\n');
      process.exit(exitCodeOf({ signal }));
    }
    this.#isEnding = true;
  }
}

function hasTerminal(): boolean {
  return process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
}

/** Sends a signal to a detached process and its descendants: the process leads a group, which a negative id names. */
function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (pid !== undefined) process.kill(-pid, signal);
  } catch {
    // The group has ended meanwhile.
  }
}

function notStarted(command: string, error: NodeJS.ErrnoException): CommandError {
  return error.code === 'ENOENT'
    ? new CommandError(EXIT.notInstalled, `${command} was not found.`)
    : new CommandError(EXIT.notExecutable, `${command} cannot be run: ${error.code}.`);
}

/** Returns the code by which shells report an end. */
export function exitCodeOf(end: End): number {
  return 'code' in end ? end.code : 128 + constants.signals[end.signal];
}

/**
 * Ends this process by the same signal, so that a script that is interrupted stops too.
 *
 * @returns the exit code, if the program ended by itself
 */
export function endAs(end: End): number {
  if ('signal' in end && PASSED_ON.some((signal) => signal === end.signal))
    process.kill(process.pid, end.signal);
  return exitCodeOf(end);
}
