import { z } from 'zod';
import { USER_AGENT } from '../github/user-agent';

/** What is kept of a provider's answer about a person; everything else, tokens above all, is dropped there (C04). */
export type VerifiedProfile = {
  /** The provider's own id, which never changes. */
  sub: string;
  name?: string;
  /** `null` unless the provider says that it has verified it. */
  verifiedEmail: string | null;
  /** Why there is none: the claim that is missing, or that the provider calls the address unverified. */
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
 * The person who signs in. The e-mail comes from `/user/emails`, because the one in the public profile says nothing
 * about being verified; it is `null` unless the primary one is.
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
  // Some providers write the boolean as text.
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

/** Why an address is not believed: a claim that is missing, or `email_verified` that is false. */
function distrust({ email, email_verified }: Claims, trustEmail: boolean): VerifiedProfile['distrusted'] {
  if (email === undefined || email === null || email.trim() === '') return 'email';
  if (email_verified === false) return 'unverified';
  return email_verified === true || trustEmail ? undefined : 'email_verified';
}

/**
 * @param idToken claims of the ID token, verified by the client
 * @param askUserinfo asked only when the ID token lacks a claim that decides; the response counts only if it is about
 *   the same subject (OpenID Connect Core 1.0, 5.3.2)
 * @param trustEmail believes an address without `email_verified`, as of an issuer with one tenant; never one that the
 *   issuer calls unverified
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

/** Both claims from one source: `email_verified` of one must not vouch for the address of the other. */
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
    // A refusal of either stands.
    email_verified: claims.email_verified === false ? false : userinfo.email_verified,
  };
}
