/** The kinds of values that variables hold. A message never contains the value. */
import { isIP } from 'node:net';
import { z } from 'zod';

/** An address without credentials, query or fragment; slashes at its end are dropped. */
export const httpUrl = z
  .url({ protocol: /^https?$/, error: 'must be an http(s) URL', abort: true })
  .refine((url) => new URL(url).username === '' && new URL(url).password === '', {
    error: 'must not contain a user name or a password',
  })
  .refine((url) => !/[?#]/.test(url), { error: 'must have no query and no fragment' })
  .transform((url) => url.replace(/\/+$/, ''));

/** An address with nothing after its host. */
export const originUrl = httpUrl
  .refine((url) => new URL(url).pathname === '/', {
    error: 'must have no path: the app serves the whole origin',
  })
  .transform((url) => new URL(url).origin);

/** The address of discovery is often copied in place of the issuer's. */
export const issuerUrl = httpUrl.transform((url) =>
  url.replace(/\/+\.well-known\/openid-configuration$/, ''),
);

export const postgresUrl = z.url({ protocol: /^postgres(ql)?$/, error: 'must be a postgresql:// URL' });
export const redisUrl = z.url({ protocol: /^rediss?$/, error: 'must be a redis:// or rediss:// URL' });
export const text = z.string();
export const flag = z.enum(['0', '1'], { error: 'must be 0 or 1' }).transform((value) => value === '1');

export const encryptionSecret = z
  .string()
  .refine((value) => Buffer.byteLength(value) >= 32, { error: 'must be at least 32 bytes' });

export const integer = (least: number, most: number) =>
  z
    .string()
    .regex(/^\d{1,15}$/, { error: 'must be a whole number' })
    .transform(Number)
    .pipe(
      z
        .number()
        .min(least, { error: `must be at least ${least}` })
        .max(most, { error: `must be at most ${most}` }),
    );

/** An App has two names for itself, and panels show them side by side. */
export const appId = z
  .string()
  .refine((value) => !/^iv/i.test(value), { error: 'is a client id; the App ID is a number' })
  .pipe(integer(1, Number.MAX_SAFE_INTEGER));

export const clientId = z
  .string()
  .refine((value) => !/^\d+$/.test(value), { error: 'is an App ID; the client id begins with Iv' })
  .refine((value) => !/\s/.test(value), { error: 'must hold no space' });

/** An address, or a network in CIDR notation. */
function isAddress(value: string): boolean {
  const [, address = '', bits] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(value) ?? [];
  const family = isIP(address);
  return family !== 0 && (bits === undefined || Number(bits) <= (family === 4 ? 32 : 128));
}

export const addresses = z
  .string()
  .transform((value) => value.split(',').map((address) => address.trim()))
  .refine((list) => list.every(isAddress), {
    error: 'must be IP addresses or CIDR networks with commas between',
  });
