import pino, { type Logger } from 'pino';
import { onePerProcess } from '../async';
import { safeLine } from './safe-line';

const shared = globalThis as typeof globalThis & {
  /** Set by local/test/log.ts before this module loads. */
  pulsestreamLogWrite?: (line: string) => void;
};

const STANDARD_OUTPUT = 1;

/** Returns an error as the log shows it, without the request and response of Octokit's errors. */
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
 * Creates a logger that writes JSON lines to stdout. Every finished line passes `safeLine`, so that no call site
 * can forget it.
 *
 * @param write receives each line in place of standard output; for tests
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
    // The descriptor is explicit, because pino would otherwise use `process.stdout`, which `captureOutput`
    // replaces.
    write === undefined ? pino.destination({ dest: STANDARD_OUTPUT, sync: true }) : { write },
  );
}

/** The process's log. `instrumentation.ts` sets its level from the configuration. */
export const log: Logger = onePerProcess('log', () => createLog('info', shared.pulsestreamLogWrite))();
