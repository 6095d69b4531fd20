import { getConfig } from '../config';
import { Problem } from '../problem';

/**
 * A request that does something on the strength of a cookie must not be one that another site made a browser send.
 * Reading counts as well where it is on record, or uses up a limit: an export does both, and a link is enough for it.
 *
 * Browsers say where a request comes from, and no page can change what they say: in `Sec-Fetch-Site`, to https and to
 * localhost, and in `Origin`, with every POST. All that Next 16 supports do both. So one that carries neither comes from
 * a program, which holds no cookie but the one that it was given. `Origin: null` is a page's word for hiding its own.
 *
 * @see https://pkg.go.dev/net/http#CrossOriginProtection, whose rule this is, but for methods that only read
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
