import pino, { type Logger } from 'pino';
import { onePerProcess } from '../async';
import { safeLine } from './safe-line';

const shared = globalThis as typeof globalThis & {
  /** local/test/log.ts sets this function before this module loads. */
  pulsestreamLogWrite?: (line: string) => void;
};

const STANDARD_OUTPUT = 1;

/** Converts an error for the log. Leaves out Octokit's request and response, because they may contain credentials. */
function serializeError(error: unknown): unknown {
  if (!(error instanceof Error)) return String(error);
  const { name, message, stack, cause } = error;
  const status = 'status' in error && typeof error.status === 'number' ? error.status : undefined;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  return {
    name,
    message,
    code,
    status,
    stack,
    ...(cause === undefined ? {} : { cause: serializeError(cause) }),
  };
}

/**
 * Creates a logger that writes JSON lines to stdout. Every finished line passes through `safeLine`, so no caller can
 * forget to redact.
 *
 * @param write receives the lines instead of stdout, in tests
 */
export function createLog(level: string, write?: (line: string) => void): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: serializeError, error: serializeError },
      hooks: { streamWrite: safeLine },
    },
    // Without a file descriptor, pino would use `process.stdout`, which `captureOutput` replaces.
    write === undefined ? pino.destination({ dest: STANDARD_OUTPUT, sync: true }) : { write },
  );
}

/** The process's log. `lib/server/start.ts` sets its level from the configuration. */
export const log: Logger = onePerProcess('log', () => createLog('info', shared.pulsestreamLogWrite))();
