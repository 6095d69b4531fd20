import { getConfig } from '../config';
import { Problem } from '../problem';

/**
 * Rejects a request that another site has made the browser send with our cookie. Checks GET too, because a mere link
 * can start an export, which is audited and counts against a limit.
 *
 * Browsers send `Sec-Fetch-Site` to https and localhost, and `Origin` with every POST. Pages can't change either
 * header, and every browser supported by Next 16 sends both. So a request with neither comes from a program, which has
 * only the cookies given to it on purpose. A page that hides its origin sends `Origin: null`.
 *
 * @see https://pkg.go.dev/net/http#CrossOriginProtection for the same rule in Go, which exempts GET, HEAD and OPTIONS
 * @see https://www.w3.org/TR/fetch-metadata/#sec-fetch-site-header
 * @throws {Problem} `forbidden`
 */
export function assertSameOrigin({ headers }: Pick<Request, 'headers'>): void {
  const site = headers.get('sec-fetch-site');
  const origin = headers.get('origin');
  const isOurs =
    site === null
      ? origin === null || origin === new URL(getConfig().publicUrl).origin
      : site === 'same-origin' || site === 'none';
  if (!isOurs) throw new Problem('forbidden', 'This request does not come from our own pages.');
}
