import type { NextRequest } from 'next/server';
import type { ApiKeyActor, UserActor } from '../actor';
import { authenticateApiKey } from '../api-keys/key';
import { assertCronSecret, assertMetricsToken } from '../auth/operator-secret';
import { authenticateUser } from '../auth/session';
import { getConfig } from '../config';
import type { Role } from '../contract/members';
import { Problem } from '../problem';
import type { Access } from './route-spec';

type Callers = Record<Role | 'user', UserActor> & { apiKey: ApiKeyActor; browser: UserActor | null };

/** The actor that a route's handler gets; `null` without a user or key. */
export type Caller<A extends Access> = A extends keyof Callers ? Callers[A] : null;

const AUTHENTICATE: { [A in Access]: (request: NextRequest) => Caller<A> | Promise<Caller<A>> } = {
  member: userOf,
  admin: userOf,
  owner: userOf,
  user: userOf,
  apiKey: (request) => authenticateApiKey(bearerOf(request)),
  browser: (request) => {
    // Coming back from GitHub is a GET from another site.
    if (request.method !== 'GET' && request.method !== 'HEAD') assertSameOrigin(request);
    return signedInUser(request);
  },
  cron: (request) => {
    assertCronSecret(bearerOf(request));
    return null;
  },
  metrics: (request) => {
    assertMetricsToken(bearerOf(request));
    return null;
  },
  // By the signature of the body (`signed-body.ts`).
  github: () => null,
  public: () => null,
};

/**
 * Authenticates a request. The role in a workspace is checked by `route.ts`, once the path is parsed.
 *
 * @throws {Problem} `unauthenticated`, `forbidden`
 */
export async function authenticate<A extends Access>(access: A, request: NextRequest): Promise<Caller<A>> {
  return AUTHENTICATE[access](request);
}

async function userOf(request: NextRequest): Promise<UserActor> {
  const cookies = request.cookies.getAll();
  const { actor, via } = await authenticateUser({ bearer: bearerOf(request), cookies });
  if (via === 'cookie') assertSameOrigin(request);
  return actor;
}

function bearerOf({ headers }: NextRequest): string | null {
  return readBearer(headers.get('authorization'));
}

/**
 * Returns the credential of an `Authorization: Bearer …` header; the scheme's case does not matter (RFC 9110, 11.1).
 *
 * @returns `null` without a bearer credential; an empty string for the scheme alone
 */
export function readBearer(authorization: string | null): string | null {
  const match = /^bearer(?: +(.*))?$/i.exec(authorization?.trim() ?? '');
  return match === null ? null : (match[1] ?? '');
}

async function signedInUser(request: NextRequest): Promise<UserActor | null> {
  try {
    return (await authenticateUser({ bearer: null, cookies: request.cookies.getAll() })).actor;
  } catch (error) {
    if (error instanceof Problem && error.code === 'unauthenticated') return null;
    throw error;
  }
}

/**
 * Refuses a request that another site made a browser send with our cookie. Reads are refused too: an export is audited
 * and counts against a limit, and a link is enough to start one.
 *
 * Browsers send `Sec-Fetch-Site` to https and to localhost, and `Origin` with every POST, and no page can change
 * either. All browsers that Next 16 supports send both. A request with neither comes from a program, which has only
 * the cookies that it was given. A page that hides its origin sends `Origin: null`.
 *
 * @see https://pkg.go.dev/net/http#CrossOriginProtection, whose rule this is, but for methods that only read
 * @see https://www.w3.org/TR/fetch-metadata/#sec-fetch-site-header
 * @throws {Problem} `forbidden`
 */
export function assertSameOrigin({ headers }: Pick<Request, 'headers'>): void {
  const site = headers.get('sec-fetch-site');
  const origin = headers.get('origin');
  const isOurs =
    site === null
      ? origin === null || origin === new URL(getConfig().publicUrl).origin
      : site === 'same-origin' || site === 'none';
  if (!isOurs) throw new Problem('forbidden', 'This request does not come from our own pages.');
}
