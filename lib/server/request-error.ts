import { REQUEST_ID_HEADER } from '../http/request-context';
import { log } from '../observability/log';

type FailedRequest = { path: string; method: string; headers: NodeJS.Dict<string | string[]> };

/**
 * An error that nobody expected, while a page or an action was made. The reader sees the digest, because Next gives an
 * error page nothing else; here it stands beside the id under which everything else about the request is in the log.
 */
export function logRequestError(error: unknown, { path, method, headers }: FailedRequest): void {
  const digest = error instanceof Error && 'digest' in error ? String(error.digest) : undefined;
  log.error(
    { err: error, digest, request_id: headers[REQUEST_ID_HEADER], method, path: path.split('?')[0] },
    'a page failed',
  );
}
