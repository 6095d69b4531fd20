/**
 * SQLSTATEs of temporary failures. Three dots stand for any SQLSTATE of that class.
 *
 * @see PostgreSQL, Appendix A
 */
const UNAVAILABLE_SQLSTATE = /^(08...|40001|40P01|53...|55P03|57014|57P0[1-5]|25006)$/;
const UNAVAILABLE_SYSTEM = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'ETIMEDOUT',
  'EPIPE',
  'EAI_AGAIN',
  'EHOSTUNREACH',
]);
/**
 * Prisma's codes for an unreachable server, a timeout, a closed connection, too many connections, a pool timeout or a
 * deadlock.
 */
const UNAVAILABLE_PRISMA = new Set(['P1001', 'P1002', 'P1008', 'P1017', 'P2024', 'P2028', 'P2034', 'P2037']);
/** Messages of `pg` errors that carry no code. */
const UNAVAILABLE_MESSAGE =
  /Connection terminated|timeout exceeded when trying to connect|Query read timeout|and is not queryable|Can't reach database server/i;

/** How many nested causes of an error to follow. */
const MAX_DEPTH = 6;

type Wrapped = { code?: unknown; originalCode?: unknown; message?: unknown; cause?: unknown; meta?: unknown };

/**
 * Checks whether an error from `pg` or Prisma means that the database is temporarily unavailable. For a failed raw
 * query, Prisma reports P2010 and puts the driver adapter's error, with the SQLSTATE, into `meta`.
 */
export function isDatabaseUnavailable(error: unknown, depth = 0): boolean {
  if (typeof error !== 'object' || error === null || depth > MAX_DEPTH) return false;
  const { code, originalCode, message, cause, meta }: Wrapped = error;
  if ([code, originalCode].some(isUnavailableCode)) return true;
  if (typeof message === 'string' && UNAVAILABLE_MESSAGE.test(message)) return true;
  const driverError = (meta as { driverAdapterError?: unknown } | undefined)?.driverAdapterError;
  const several = error instanceof AggregateError ? error.errors : [];
  return [cause, driverError, ...several].some((inner) => isDatabaseUnavailable(inner, depth + 1));
}

function isUnavailableCode(code: unknown): boolean {
  if (typeof code !== 'string') return false;
  return UNAVAILABLE_SQLSTATE.test(code) || UNAVAILABLE_SYSTEM.has(code) || UNAVAILABLE_PRISMA.has(code);
}
