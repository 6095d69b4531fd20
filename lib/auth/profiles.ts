import { z } from 'zod';
import { USER_AGENT } from '../github/app';
import { fetchOutgoing } from '../github/connections';

/** The part of a provider's response that the app keeps. Everything else is dropped, above all the tokens. */
export type VerifiedProfile = {
  /** The provider's own user id, which never changes. */
  sub: string;
  name?: string;
  /** `null` if the provider hasn't verified the address, or if we can't trust that it has. */
  verifiedEmail: string | null;
  /**
   * Why `verifiedEmail` is `null`: the name of a missing claim, or `unverified` if the provider says the address isn't
   * verified.
   */
  distrusted?: 'email' | 'email_verified' | 'unverified';
};

const GitHubUser = z.object({ id: z.int().positive(), login: z.string(), name: z.string().nullish() });
const GitHubEmails = z.array(z.object({ email: z.string(), primary: z.boolean(), verified: z.boolean() }));

async function get<T extends z.ZodType>(
  url: string,
  token: string,
  timeoutMs: number,
  schema: T,
): Promise<z.output<T>> {
  const response = await fetchOutgoing(url, {
    headers: {
      accept: 'application/vnd.github+json',
      authorization: `Bearer ${token}`,
      'user-agent': USER_AGENT,
    },
    signal: AbortSignal.timeout(timeoutMs),
  });
  if (response.status !== 200) throw new Error(`GitHub answered ${response.status} to a sign-in`);
  return schema.parse(JSON.parse(await response.text()));
}

/**
 * Fetches the profile of the user who is signing in. Takes the email address from `/user/emails`, because the public
 * profile doesn't show whether its address is verified.
 *
 * @see https://docs.github.com/en/rest/users/emails#list-email-addresses-for-the-authenticated-user
 */
export async function fetchGitHubProfile(
  apiUrl: string,
  token: string | undefined,
  timeoutMs: number,
): Promise<VerifiedProfile> {
  if (token === undefined) throw new Error('GitHub answered a sign-in without a token');
  const [user, emails] = await Promise.all([
    get(`${apiUrl}/user`, token, timeoutMs, GitHubUser),
    get(`${apiUrl}/user/emails`, token, timeoutMs, GitHubEmails),
  ]);
  return {
    sub: String(user.id),
    name: user.name ?? user.login,
    verifiedEmail: emails.find((email) => email.primary && email.verified)?.email ?? null,
  };
}

const Claims = z.object({
  sub: z.string().min(1).max(255),
  name: z.string().nullish(),
  email: z.string().nullish(),
  // Some providers send this boolean as a string.
  email_verified: z
    .union([
      z.boolean(),
      z
        .string()
        .transform((text) => text.trim().toLowerCase())
        .pipe(z.enum(['true', 'false']))
        .transform((text) => text === 'true'),
    ])
    .nullish(),
});

type Claims = z.output<typeof Claims>;

/** Returns the reason why the app doesn't trust an address, or `undefined` if it does. */
function distrust({ email, email_verified }: Claims, trustEmail: boolean): VerifiedProfile['distrusted'] {
  if (email === undefined || email === null || email.trim() === '') return 'email';
  if (email_verified === false) return 'unverified';
  return email_verified === true || trustEmail ? undefined : 'email_verified';
}

/**
 * Reads the profile from an ID token's claims. If `email` or `email_verified` is missing, asks the userinfo endpoint
 * for both.
 *
 * @param idToken the ID token's claims, already verified by the client
 * @param askUserinfo calls the userinfo endpoint; its response must be about the same subject (OpenID Connect Core 1.0,
 *   5.3.2)
 * @param trustEmail accepts an address without `email_verified`, for a single-tenant issuer; an address reported as
 *   unverified is never accepted
 */
export async function readOidcProfile(
  idToken: unknown,
  askUserinfo: () => Promise<unknown>,
  trustEmail = false,
): Promise<VerifiedProfile> {
  const claims = Claims.parse(idToken);
  const isComplete = typeof claims.email === 'string' && typeof claims.email_verified === 'boolean';
  const person = isComplete ? claims : await completed(claims, askUserinfo);
  const distrusted = distrust(person, trustEmail);
  return {
    sub: claims.sub,
    ...(person.name ? { name: person.name } : {}),
    verifiedEmail: distrusted === undefined ? (person.email ?? null) : null,
    ...(distrusted === undefined ? {} : { distrusted }),
  };
}

/**
 * Completes `email` and `email_verified` from the userinfo endpoint. If the two sources report different addresses,
 * keeps the ID token's email claims, because neither source may vouch for the other's address.
 */
async function completed(claims: Claims, askUserinfo: () => Promise<unknown>): Promise<Claims> {
  const userinfo = Claims.parse(await askUserinfo());
  if (userinfo.sub !== claims.sub) throw new Error('the userinfo endpoint answered about somebody else');
  const name = claims.name ?? userinfo.name;
  const isAboutSameAddress =
    typeof claims.email !== 'string' || claims.email.toLowerCase() === userinfo.email?.toLowerCase();
  if (!isAboutSameAddress) return { ...claims, name };
  return {
    sub: claims.sub,
    name,
    email: userinfo.email,
    // A `false` from either source is enough to distrust the address.
    email_verified: claims.email_verified === false ? false : userinfo.email_verified,
  };
}
