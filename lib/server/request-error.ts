import { REQUEST_ID_HEADER } from '../http/request';
import { log } from '../observability/log';

type FailedRequest = { path: string; method: string; headers: NodeJS.Dict<string | string[]> };

/**
 * Logs an unexpected error in a page or a server action. Next shows the user only a digest. The log line contains both
 * the digest and the request id, so an operator can find the other lines about that request.
 */
export function logRequestError(error: unknown, { path, method, headers }: FailedRequest): void {
  const digest = error instanceof Error && 'digest' in error ? String(error.digest) : undefined;
  log.error(
    { err: error, digest, request_id: headers[REQUEST_ID_HEADER], method, path: path.split('?')[0] },
    'a page failed',
  );
}
