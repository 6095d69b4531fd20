import { globalAgent } from 'node:http';
import type { User } from 'next-auth';
import type { CredentialsConfig } from 'next-auth/providers/credentials';
import type { OAuthConfig } from 'next-auth/providers/oauth';
import { onePerProcess } from '../async';
import type { Config } from '../config';
import { Email } from '../contract/members';
import { getDb } from '../db/client';
import { httpsAgent } from '../github/https-agent';
import { log } from '../observability/log';
import { fetchGitHubProfile, readOidcProfile, type VerifiedProfile } from './profiles';
import { findOrCreateUser } from './sign-in';

type HttpOptions = NonNullable<OAuthConfig<VerifiedProfile>['httpOptions']>;
type Client = { clientId: string; clientSecret: string };

/** How long an identity provider may take to respond. */
const PROVIDER_TIMEOUT_MS = 8000;

const getAgent = onePerProcess('https agent of sign-in', () => httpsAgent(PROVIDER_TIMEOUT_MS));

/**
 * Returns the options of the requests that next-auth sends itself. It applies them to all providers from then on, so a
 * provider without TLS, which only dev and demo may have, needs an agent of its own too.
 */
function httpOptions(issuer: string): HttpOptions {
  return { timeout: PROVIDER_TIMEOUT_MS, agent: issuer.startsWith('https:') ? getAgent() : globalAgent };
}

/** The user in the shape next-auth passes to the `signIn` callback. */
export type ProviderUser = User & Pick<VerifiedProfile, 'distrusted'>;

function toUser({ sub, name, verifiedEmail, distrusted }: VerifiedProfile): ProviderUser {
  return {
    id: sub,
    name: name ?? null,
    email: verifiedEmail,
    ...(distrusted === undefined ? {} : { distrusted }),
  };
}

/**
 * Signs in with nothing but an email address, without any provider. `lib/config/contradictions.ts` allows this only in
 * dev and demo.
 */
function devLogin(): CredentialsConfig<{ email: { label: string; type: string } }> {
  return {
    id: 'dev-login',
    name: 'Dev login',
    type: 'credentials',
    credentials: { email: { label: 'Email', type: 'email' } },
    async authorize(credentials) {
      const email = Email.safeParse(credentials?.email);
      if (!email.success) return null;
      try {
        return { id: await findOrCreateUser(getDb(), email.data), email: email.data };
      } catch (error) {
        // Throw a code instead of the original error, because next-auth puts the message into the URL.
        log.error({ err: error }, 'dev login failed');
        throw new Error('SignInUnavailable');
      }
    },
  };
}

/**
 * Signs in with github.com or with GitHub Enterprise Server (`GITHUB_WEB_URL`, `GITHUB_API_URL`). We don't use
 * next-auth's own GitHub provider, because it supports only github.com and accepts unverified addresses.
 */
function github(
  client: Client,
  urls: Pick<Config['github'], 'webUrl' | 'apiUrl'>,
): OAuthConfig<VerifiedProfile> {
  return {
    id: 'github',
    name: 'GitHub',
    type: 'oauth',
    ...client,
    issuer: `${urls.webUrl}/login/oauth`,
    authorization: { url: `${urls.webUrl}/login/oauth/authorize`, params: { scope: 'read:user user:email' } },
    token: `${urls.webUrl}/login/oauth/access_token`,
    userinfo: {
      url: `${urls.apiUrl}/user`,
      request: ({ tokens }) => fetchGitHubProfile(urls.apiUrl, tokens.access_token, PROVIDER_TIMEOUT_MS),
    },
    checks: ['pkce', 'state'],
    httpOptions: httpOptions(urls.webUrl),
    profile: toUser,
  };
}

/**
 * Signs in with any OpenID Connect provider that supports discovery. The client verifies the ID token's signature,
 * issuer, audience and nonce.
 */
function openIdConnect(
  provider: Client & { id: string; name: string; issuer: string; trustEmail: boolean },
): OAuthConfig<VerifiedProfile> {
  return {
    id: provider.id,
    name: provider.name,
    type: 'oauth',
    clientId: provider.clientId,
    clientSecret: provider.clientSecret,
    wellKnown: `${provider.issuer}/.well-known/openid-configuration`,
    authorization: { params: { scope: 'openid email profile' } },
    idToken: true,
    userinfo: {
      request: ({ client, tokens }) => {
        const claims = typeof tokens.claims === 'function' ? tokens.claims() : undefined;
        // If the provider has no userinfo endpoint, rely on the ID token alone.
        const askUserinfo = async () =>
          client.issuer.metadata.userinfo_endpoint === undefined
            ? { sub: claims?.sub }
            : client.userinfo(tokens.access_token ?? '');
        return readOidcProfile(claims, askUserinfo, provider.trustEmail);
      },
    },
    checks: ['pkce', 'state', 'nonce'],
    httpOptions: httpOptions(provider.issuer),
    profile: toUser,
  };
}

export function signInProviders(config: Pick<Config, 'auth' | 'github'>) {
  const { auth } = config;
  return [
    ...(auth.devLogin ? [devLogin()] : []),
    ...(auth.github ? [github(auth.github, config.github)] : []),
    ...(auth.google
      ? [
          openIdConnect({
            ...auth.google,
            id: 'google',
            name: 'Google',
            issuer: 'https://accounts.google.com',
            trustEmail: false,
          }),
        ]
      : []),
    ...(auth.oidc ? [openIdConnect({ ...auth.oidc, id: 'oidc' })] : []),
  ];
}
