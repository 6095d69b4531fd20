import type { LoggerInstance } from 'next-auth';
import { log } from '../observability/log';

/** next-auth's codes look like this; whatever else arrives was made up by a caller of its `_log` route. */
const CODE = /^[A-Z][A-Za-z0-9_]{0,59}$/;

function codeOnly(code: unknown): { code: string } {
  return { code: typeof code === 'string' && CODE.test(code) ? code : 'unknown' };
}

/**
 * next-auth passes tokens, profiles and cookies to its logger. Of all that only the code is kept, and of an error
 * its class; debug messages are dropped.
 */
export const authLogger: LoggerInstance = {
  error: (code, metadata) => {
    const cause = metadata instanceof Error ? metadata : metadata?.error;
    log.error(
      { ...codeOnly(code), error_name: cause instanceof Error ? cause.name : undefined },
      'sign-in failed',
    );
  },
  warn: (code) => log.warn(codeOnly(code), 'sign-in warning'),
  debug: () => {},
};
