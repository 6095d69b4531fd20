import ipaddr from 'ipaddr.js';
import { z } from 'zod';

/** The prefix length of IPv4-mapped IPv6 addresses. The remaining 32 bits are the IPv4 address. */
const MAPPED_BITS = 96;

/**
 * Parses an unambiguous IP address or range, and normalizes it for storage: IPv4-mapped IPv6 becomes IPv4, and a
 * range's host bits are set to zero.
 */
export const Addresses = z.string().transform((text, { addIssue }) => {
  try {
    return normalise(text.trim());
  } catch (error) {
    if (!(error instanceof Unclear)) throw error;
    addIssue({ code: 'custom', message: error.message });
    return z.NEVER;
  }
});

/** Thrown for ambiguous or invalid text. The message completes a sentence that begins with the field's name. */
class Unclear extends Error {}

function normalise(text: string): string {
  if (text.includes('%')) throw new Unclear('must not name a zone like %eth0');
  const [written = '', slash, ...more] = text.split('/');
  if (more.length > 0 || !isWritten(written))
    throw new Unclear('must be an IP address, or a range like 203.0.113.0/24');
  const address = ipaddr.process(written);
  if (slash === undefined) return address.toString();

  if (!/^(?:0|[1-9]\d*)$/.test(slash)) throw new Unclear('must have a whole number after the slash');
  const isMapped = address.kind() === 'ipv4' && written.includes(':');
  const [least, most] = isMapped ? [MAPPED_BITS, 128] : [0, address.kind() === 'ipv4' ? 32 : 128];
  const bits = Number(slash);
  if (bits < least || bits > most) {
    const why = isMapped ? ', as it is an IPv4 range' : '';
    throw new Unclear(`must have a number from ${least} to ${most} after the slash${why}`);
  }
  const range = `${address}/${bits - least}`;
  const { IPv4, IPv6 } = ipaddr;
  return `${(address.kind() === 'ipv4' ? IPv4 : IPv6).networkAddressFromCIDR(range)}/${bits - least}`;
}

/**
 * True if an address is written unambiguously; false for `127.1`, `0x7f.0.0.1` and `010.0.0.1`, which different
 * programs read as different addresses.
 */
function isWritten(address: string): boolean {
  const decimal = /^(?:.*:)?([^:]*\..*)$/.exec(address)?.[1];
  if (decimal !== undefined && !ipaddr.IPv4.isValidFourPartDecimal(decimal)) return false;
  return address.includes(':') ? ipaddr.IPv6.isValid(address) : decimal !== undefined;
}
