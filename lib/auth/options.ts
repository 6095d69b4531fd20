import type { Account, AuthOptions, DefaultSession, LoggerInstance, User } from 'next-auth';
import { encode, type JWT, type JWTEncodeParams } from 'next-auth/jwt';
import { type Config, getConfig } from '../config';
import { Email } from '../contract/members';
import { getDb } from '../db/client';
import { log } from '../observability/log';
import { type ProviderUser, signInProviders } from './providers';
import { safeReturnTo } from './return-to';
import {
  authCookies,
  type Cookie,
  decodeJwt,
  isLive,
  remainingSessionAge,
  SESSION_MAX_AGE_SECONDS,
  signInSecret,
} from './session';
import { beginSession, endSession, type SignInOrigin } from './sessions';
import { findUserByIdentity, resolveSignIn } from './sign-in';

const ERROR_OF_CLAIM = { email: 'EmailClaimMissing', email_verified: 'EmailVerifiedClaimMissing' } as const;

/** Returns the error code for a rejected sign-in. If the provider omitted a claim we need, logs the claim's name. */
function nameMissingClaim({ distrusted }: ProviderUser, { provider }: Account): string {
  if (distrusted === undefined || distrusted === 'unverified') return 'EmailNotVerified';
  log.warn(
    { provider, claim: distrusted },
    `a sign-in was refused: the provider sent no ${distrusted} claim (AUTH_OIDC_TRUST_EMAIL can replace email_verified)`,
  );
  return ERROR_OF_CLAIM[distrusted];
}

/** Decides whether a sign-in is allowed. Never throws, because next-auth would put the error's message into the URL. */
async function allowSignIn(
  user: User & ProviderUser,
  account: Account | null,
  signInUrl: string,
): Promise<true | string> {
  if (account === null) return `${signInUrl}?error=AccessDenied`;
  // A dev login has no provider account to look up. `authorize` has already found or created the user.
  if (account.type === 'credentials') return true;
  try {
    const result = await resolveSignIn({
      provider: account.provider,
      providerAccountId: account.providerAccountId,
      verifiedEmail: user.email ?? null,
      name: user.name ?? null,
    });
    if ('userId' in result) return true;
    return `${signInUrl}?error=${result.refused === 'EmailNotVerified' ? nameMissingClaim(user, account) : result.refused}`;
  } catch (error) {
    log.error({ err: error }, 'sign-in failed');
    return `${signInUrl}?error=SignInUnavailable`;
  }
}

/**
 * Returns the JWT's claims: our user id, the session's id, the time of the sign-in, and the email address it verified. The provider's
 * tokens are available in `account`, but none of them is copied into the JWT.
 */
async function issueToken(
  token: JWT,
  user: User | undefined,
  account: Account | null,
  from: SignInOrigin,
): Promise<JWT> {
  if (account === null || user === undefined) {
    // next-auth renews the JWT of each session that it is asked about. It clears the cookie after an error.
    if (!(await isLive(token))) throw new Error('the session has ended');
    return keepOwnClaims(token);
  }
  const userId =
    account.type === 'credentials'
      ? user.id
      : await findUserByIdentity(account.provider, account.providerAccountId);
  if (userId === null) throw new Error('signed in without a user');
  const verified = Email.safeParse(user.email);
  return {
    sub: userId,
    sid: await beginSession(userId, account.provider, from),
    auth_time: Math.floor(Date.now() / 1000),
    verified_email: verified.success ? verified.data : null,
  };
}

function keepOwnClaims({ sub, sid, auth_time, verified_email }: JWT): JWT {
  return {
    ...(sub === undefined ? {} : { sub }),
    ...(sid === undefined ? {} : { sid }),
    ...(typeof auth_time === 'number' ? { auth_time } : {}),
    ...(verified_email === undefined ? {} : { verified_email }),
  };
}

/** Ends the session of a user who signs out, so that a copy of the cookie is useless too. */
async function endOwnSession({ sub, sid }: JWT): Promise<void> {
  if (typeof sub === 'string' && typeof sid === 'string') await endSession(sub, sid);
}

const UNKNOWN_ORIGIN: SignInOrigin = { clientIp: null, userAgent: null };

/**
 * Encodes a JWT. A session's JWT expires when its session does, counted from sign-in. next-auth also encodes its state,
 * PKCE and nonce cookies with this function. They have no `auth_time`, so they keep their own lifetimes.
 */
function encodeToken(params: JWTEncodeParams): Promise<string> {
  const signedInAt = params.token?.auth_time;
  if (typeof signedInAt !== 'number') return encode(params);
  // A sign-in that began before a rotation still creates a session with the current secret.
  const { secret } = getConfig().auth;
  return encode({ ...params, secret, maxAge: remainingSessionAge(signedInAt) });
}

/**
 * Returns next-auth's session object, with the user's current email address and name.
 *
 * @throws if the user has been removed, in which case next-auth clears the session cookie
 */
async function describeSession(expires: string, token: JWT): Promise<DefaultSession> {
  const user = await getDb().user.findUniqueOrThrow({
    where: { id: token.sub ?? '' },
    select: { email: true, name: true },
  });
  const end =
    typeof token.auth_time === 'number' ? (token.auth_time + SESSION_MAX_AGE_SECONDS) * 1000 : expires;
  return { expires: new Date(end).toISOString(), user };
}

/**
 * Matches next-auth's own codes. Any other text may have been chosen by a client: next-auth's `_log` route accepts
 * anything as a code.
 */
const CODE = /^[A-Z][A-Za-z0-9_]{0,59}$/;

function codeOnly(code: unknown): { code: string } {
  return { code: typeof code === 'string' && CODE.test(code) ? code : 'unknown' };
}

/**
 * Logs only the code and the name of the error's class, because next-auth also passes tokens, profiles and cookies to
 * its logger. Drops debug messages.
 */
const authLogger: LoggerInstance = {
  error: (code, metadata) => {
    const cause = metadata instanceof Error ? metadata : metadata?.error;
    log.error(
      { ...codeOnly(code), error_name: cause instanceof Error ? cause.name : undefined },
      'sign-in failed',
    );
  },
  warn: (code) => log.warn(codeOnly(code), 'sign-in warning'),
  debug: () => {},
};

/**
 * Returns next-auth's options. Sessions are JWTs. We use no database adapter, because it would store the providers'
 * tokens.
 *
 * @param secret signs and encrypts the cookies of a sign-in under way
 * @param from the browser that signs in
 */
export function authOptions(
  config: Config,
  secret = config.auth.secret,
  from: SignInOrigin = UNKNOWN_ORIGIN,
): AuthOptions {
  const signInUrl = `${config.publicUrl}/sign-in`;
  const { origin } = new URL(config.publicUrl);
  return {
    secret,
    useSecureCookies: config.publicUrl.startsWith('https://'),
    cookies: authCookies(config.publicUrl),
    providers: signInProviders(config),
    pages: { signIn: '/sign-in', error: '/sign-in' },
    // next-auth takes the cookie's lifetime from `session` and the JWT's from `jwt`. Both default to 30 days, so set
    // both.
    session: { strategy: 'jwt', maxAge: SESSION_MAX_AGE_SECONDS },
    jwt: { maxAge: SESSION_MAX_AGE_SECONDS, encode: encodeToken, decode: decodeJwt },
    logger: authLogger,
    callbacks: {
      signIn: ({ user, account }) => allowSignIn(user, account, signInUrl),
      jwt: ({ token, user, account }) => issueToken(token, user, account, from),
      session: ({ session, token }) => describeSession(session.expires, token),
      redirect: ({ url }) =>
        `${origin}${safeReturnTo(url.startsWith(`${origin}/`) ? url.slice(origin.length) : url)}`,
    },
    events: { signOut: ({ token }) => endOwnSession(token) },
  };
}

/** Returns this process's options for a browser with these cookies. */
export function getAuthOptions(cookies: readonly Cookie[], from?: SignInOrigin): AuthOptions {
  return authOptions(getConfig(), signInSecret(cookies), from);
}
