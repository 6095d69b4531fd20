import { z } from 'zod';
import { USER_AGENT } from '../github/user-agent';
import type { VerifiedProfile } from './verified-profile';

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
