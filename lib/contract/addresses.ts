import ipaddr from 'ipaddr.js';
import { z } from 'zod';
import { listParam } from './pagination';

const NOT_AN_ADDRESS = 'must be an IP address, or a range like 203.0.113.0/24';

/** The prefix length of IPv4-mapped IPv6 addresses. The remaining 32 bits are the IPv4 address. */
const MAPPED_BITS = 96;

/**
 * Parses an unambiguous IP address or range, and normalizes it for storage: IPv4-mapped IPv6 becomes IPv4, and a
 * range's host bits are set to zero.
 */
export const Addresses = z.string().transform((text, { addIssue }) =>
  explaining(addIssue, () => {
    const { address, bits } = parse(text);
    return bits === undefined ? `${address}` : `${maskOf(address, bits)}/${bits}`;
  }),
);

const MOST_ADDRESSES = 20;

/**
 * Parses addresses and ranges with commas between them. Those with a minus before them are excluded.
 *
 * @returns the list as text, each item normalized as {@link Addresses} does
 */
export const AddressList = listParam(
  z.string().transform((text, { addIssue }) => {
    const isExcluded = text.startsWith('-');
    const { data, error } = Addresses.safeParse(isExcluded ? text.slice(1) : text);
    if (data === undefined)
      addIssue({ code: 'custom', message: error?.issues[0]?.message ?? NOT_AN_ADDRESS });
    return `${isExcluded ? '-' : ''}${data}`;
  }),
  MOST_ADDRESSES,
);

/** The longest text of a network, an IPv4-mapped address with a prefix. */
const MAX_NETWORK_CHARACTERS = 50;

/**
 * Parses a network that a credential may be used from, and normalizes it as PostgreSQL shows an `inet`: one address
 * without a prefix, several with one. Rejects host bits, which are more likely a slip than a network. Rejects a range of
 * all addresses too, because that restriction would restrict nothing.
 */
export const Network = z
  .string()
  .max(MAX_NETWORK_CHARACTERS, { error: NOT_AN_ADDRESS })
  .transform((text, { addIssue }) =>
    explaining(addIssue, () => {
      const { address, bits } = parse(text);
      const all = address.kind() === 'ipv4' ? 32 : 128;
      if (bits === undefined || bits === all) return `${address}`;
      if (bits === 0) throw new Unclear('must not be every address; leave the networks empty to allow those');
      const network = `${maskOf(address, bits)}`;
      if (network !== `${address}`)
        throw new Unclear(`must be a network like ${network}/${bits}, or one address like ${address}`);
      return `${network}/${bits}`;
    }),
  );

/** Thrown for ambiguous or invalid text. The message completes a sentence that begins with the field's name. */
class Unclear extends Error {}

function explaining(
  addIssue: (issue: { code: 'custom'; message: string }) => void,
  read: () => string,
): string {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof Unclear)) throw error;
    addIssue({ code: 'custom', message: error.message });
    return z.NEVER;
  }
}

type Address = ReturnType<typeof ipaddr.process>;

/** Parses an address, and the number of bits after its slash if there is one. */
function parse(written: string): { address: Address; bits?: number } {
  const text = written.trim();
  if (text.includes('%')) throw new Unclear('must not name a zone like %eth0');
  const [before = '', slash, ...more] = text.split('/');
  if (more.length > 0 || !isWritten(before)) throw new Unclear(NOT_AN_ADDRESS);
  const address = ipaddr.process(before);
  if (slash === undefined) return { address };

  if (!/^(?:0|[1-9]\d*)$/.test(slash)) throw new Unclear('must have a whole number after the slash');
  const isMapped = address.kind() === 'ipv4' && before.includes(':');
  const [least, most] = isMapped ? [MAPPED_BITS, 128] : [0, address.kind() === 'ipv4' ? 32 : 128];
  const bits = Number(slash);
  if (bits < least || bits > most) {
    const why = isMapped ? ', as it is an IPv4 range' : '';
    throw new Unclear(`must have a number from ${least} to ${most} after the slash${why}`);
  }
  return { address, bits: bits - least };
}

/** Returns the address with its host bits set to zero. */
function maskOf(address: Address, bits: number): Address {
  const { IPv4, IPv6 } = ipaddr;
  return (address.kind() === 'ipv4' ? IPv4 : IPv6).networkAddressFromCIDR(`${address}/${bits}`);
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
