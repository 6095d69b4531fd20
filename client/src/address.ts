import { PulseStreamError } from './errors.js';

const LOOPBACK = /^(?:localhost|.+\.localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/**
 * Returns the origin of the control plane. Credentials are sent there, so it must be `https`. Plain `http` is allowed
 * for this machine only.
 *
 * @throws {PulseStreamError} `invalid_options`, without the text itself, because it may hold a password
 */
export function parseOrigin(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const fail = (why: string) =>
    new PulseStreamError('invalid_options', `The URL of the control plane ${why}.`);
  if (url === undefined) throw fail('is not a URL');
  if (url.username !== '' || url.password !== '') throw fail('must not hold a user name or a password');
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '')
    throw fail('must be an origin, such as https://pulsestream.example.com');
  if (!isSafe(url)) throw fail('must begin with https://, because credentials are sent there');
  return url.origin;
}

/** Returns true if nobody else on the network can read what is sent to the URL. */
export const isSafe = (url: URL): boolean =>
  url.protocol === 'https:' || (url.protocol === 'http:' && LOOPBACK.test(url.hostname));
