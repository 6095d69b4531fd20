import type { NextRequest } from 'next/server';
import type { ApiKeyActor, UserActor } from '../actor';
import { authenticateApiKey } from '../api-keys/key';
import { assertCronSecret, assertMetricsToken } from '../auth/operator-secret';
import { authenticateUser } from '../auth/user-jwt';
import { getConfig } from '../config';
import { Problem } from '../problem';
import type { Auth } from './route-spec';

type Callers = { user: UserActor; apiKey: ApiKeyActor; browser: UserActor | null };

/** The actor that a route's handler gets; `null` where nobody in particular calls. */
export type Caller<A extends Auth> = A extends keyof Callers ? Callers[A] : null;

const AUTHENTICATE: { [A in Auth]: (request: NextRequest) => Caller<A> | Promise<Caller<A>> } = {
  user: async (request) => {
    const cookies = request.cookies.getAll();
    const { actor, via } = await authenticateUser({ bearer: bearerOf(request), cookies });
    if (via === 'cookie') assertSameOrigin(request);
    return actor;
  },
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

/** @throws {Problem} `unauthenticated`, `forbidden` */
export async function authenticate<A extends Auth>(auth: A, request: NextRequest): Promise<Caller<A>> {
  return AUTHENTICATE[auth](request);
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
 * A request that does something on the strength of a cookie must not be one that another site made a browser send.
 * Reading counts as well where it is on record, or uses up a limit: an export does both, and a link is enough for it.
 *
 * Browsers say where a request comes from, and no page can change what they say: in `Sec-Fetch-Site`, to https and to
 * localhost, and in `Origin`, with every POST. All that Next 16 supports do both. So one that carries neither comes from
 * a program, which holds no cookie but the one that it was given. `Origin: null` is a page's word for hiding its own.
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
