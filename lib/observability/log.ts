import pino, { type Logger } from 'pino';
import { onePerProcess } from '../async';
import { safeLine } from './safe-line';
import { activeSpan } from './tracing';

const shared = globalThis as typeof globalThis & {
  /** `local/test/log.ts` sets this function before this module is loaded. */
  pulsestreamLogWrite?: (line: string) => void;
};

const STANDARD_OUTPUT = 1;

/** Converts an error for the log. Omits Octokit's request and response, because they may contain credentials. */
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

/** Returns the ids by which a line is found from its trace, and a trace from its line. */
function traceOfLine(): object {
  const span = activeSpan();
  return span === undefined ? {} : { trace_id: span.traceId, span_id: span.spanId };
}

/**
 * Creates a logger that writes JSON lines to stdout. Every finished line goes through `safeLine`, so callers can't
 * forget to redact.
 *
 * @param write in tests, receives the lines instead of stdout
 */
export function createLog(level: string, write?: (line: string) => void): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      mixin: traceOfLine,
      serializers: { err: serializeError, error: serializeError },
      hooks: { streamWrite: safeLine },
    },
    // Pass a file descriptor. Without one, pino would use `process.stdout`, which `captureOutput` replaces.
    write === undefined ? pino.destination({ dest: STANDARD_OUTPUT, sync: true }) : { write },
  );
}

/** The process's log. `lib/server/start.ts` sets its level from the configuration. */
export const log: Logger = onePerProcess('log', () => createLog('info', shared.pulsestreamLogWrite))();
