import { z } from 'zod';
import type { VerifiedProfile } from './verified-profile';

const Claims = z.object({
  sub: z.string().min(1).max(255),
  name: z.string().optional(),
  email: z.string().optional(),
  // Some providers write the boolean as text.
  email_verified: z
    .union([z.boolean(), z.enum(['true', 'false']).transform((text) => text === 'true')])
    .optional(),
});

/**
 * @param idToken claims of the ID token, verified by the client
 * @param askUserinfo asked only when the ID token holds no e-mail; its answer counts only if it is about the same
 *   subject (OpenID Connect Core 1.0, 5.3.2)
 */
export async function readOidcProfile(
  idToken: unknown,
  askUserinfo: () => Promise<unknown>,
): Promise<VerifiedProfile> {
  const claims = Claims.parse(idToken);
  const person = claims.email === undefined ? Claims.parse(await askUserinfo()) : claims;
  if (person.sub !== claims.sub) throw new Error('the userinfo endpoint answered about somebody else');
  const name = person.name ?? claims.name;
  return {
    sub: claims.sub,
    ...(name === undefined ? {} : { name }),
    verifiedEmail: person.email_verified === true ? (person.email ?? null) : null,
  };
}
