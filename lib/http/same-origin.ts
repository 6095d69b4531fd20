import { getConfig } from '../config';
import { Problem } from '../problem';

/**
 * A request that changes something on the strength of a cookie has to come from our own pages: browsers send `Origin`
 * with every such request.
 *
 * @throws {Problem} `forbidden`
 */
export function assertSameOrigin(request: Request): void {
  if (request.method === 'GET' || request.method === 'HEAD') return;
  const ours = new URL(getConfig().publicUrl).origin;
  if (request.headers.get('origin') !== ours)
    throw new Problem('forbidden', 'This request does not come from our own pages.');
}
