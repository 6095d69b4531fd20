import { z } from 'zod';
import { USER_AGENT } from '../github/app';

/** The part of a provider's response that is kept. Everything else is dropped, tokens above all. */
export type VerifiedProfile = {
  /** The provider's own id, which never changes. */
  sub: string;
  name?: string;
  /** `null` unless the provider has verified the address. */
  verifiedEmail: string | null;
  /** The reason for a `null`: the missing claim, or an address that the provider calls unverified. */
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
  const response = await fetch(url, {
    headers: {
      accept: 'application/vnd.github+json',
      authorization: `Bearer ${token}`,
      'user-agent': USER_AGENT,
    },
    signal: AbortSignal.timeout(timeoutMs),
    cache: 'no-store',
    redirect: 'error',
  });
  if (!response.ok) throw new Error(`GitHub answered ${response.status} to a sign-in`);
  return schema.parse(await response.json());
}

/**
 * Fetches the profile of the user who signs in. The address comes from `/user/emails`, because the public profile
 * does not tell whether its own is verified.
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
  // Some providers send the boolean as text.
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

/** Returns why an address is not trusted: a missing claim, or a false `email_verified`. */
function distrust({ email, email_verified }: Claims, trustEmail: boolean): VerifiedProfile['distrusted'] {
  if (email === undefined || email === null || email.trim() === '') return 'email';
  if (email_verified === false) return 'unverified';
  return email_verified === true || trustEmail ? undefined : 'email_verified';
}

/**
 * Reads the profile from the claims of an ID token, and from the userinfo endpoint if a decisive claim is missing.
 *
 * @param idToken claims of the ID token, verified by the client
 * @param askUserinfo calls the endpoint; the response counts only for the same subject (OpenID Connect Core 1.0, 5.3.2)
 * @param trustEmail trusts an address without `email_verified`, for an issuer with one tenant. An address that the
 *   issuer calls unverified is never trusted
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

/** Takes both claims from one source: `email_verified` of one must not vouch for the address of the other. */
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
    // A false value from either source decides.
    email_verified: claims.email_verified === false ? false : userinfo.email_verified,
  };
}
