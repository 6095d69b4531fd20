import { REQUEST_ID_HEADER } from '../http/request';
import { log } from '../observability/log';

type FailedRequest = { path: string; method: string; headers: NodeJS.Dict<string | string[]> };

/**
 * Logs an unexpected error of a page or a server action. Next shows the reader only the digest. The log line has
 * the digest and the request id, which leads to the other lines of the request.
 */
export function logRequestError(error: unknown, { path, method, headers }: FailedRequest): void {
  const digest = error instanceof Error && 'digest' in error ? String(error.digest) : undefined;
  log.error(
    { err: error, digest, request_id: headers[REQUEST_ID_HEADER], method, path: path.split('?')[0] },
    'a page failed',
  );
}
