import type { NextRequest } from 'next/server';
import type { ApiKeyActor, UserActor } from '../actor';
import { authenticateApiKey } from '../api-keys/authenticate';
import { assertCronSecret, assertMetricsToken } from '../auth/operator-secret';
import { authenticateUser } from '../auth/user-jwt';
import { Problem } from '../problem';
import type { Auth } from './route-spec';
import { assertSameOrigin } from './same-origin';

type Callers = { user: UserActor; apiKey: ApiKeyActor; browser: UserActor | null };

/** The actor that a route's handler gets; `null` where nobody in particular calls. */
export type Caller<A extends Auth> = A extends keyof Callers ? Callers[A] : null;

const AUTHENTICATE: { [A in Auth]: (request: NextRequest) => Caller<A> | Promise<Caller<A>> } = {
  user: async (request) => {
    const authorization = request.headers.get('authorization');
    const { actor, via } = await authenticateUser({ authorization, cookies: request.cookies.getAll() });
    if (via === 'cookie') assertSameOrigin(request);
    return actor;
  },
  apiKey: (request) => authenticateApiKey(request.headers.get('authorization')),
  browser: (request) => {
    // Coming back from GitHub is a GET from another site.
    if (request.method !== 'GET' && request.method !== 'HEAD') assertSameOrigin(request);
    return signedInUser(request);
  },
  cron: ({ headers }) => {
    assertCronSecret(headers.get('authorization'));
    return null;
  },
  metrics: ({ headers }) => {
    assertMetricsToken(headers.get('authorization'));
    return null;
  },
  github: () => null,
  public: () => null,
};

/** @throws {Problem} `unauthenticated`, `forbidden` */
export async function authenticate<A extends Auth>(auth: A, request: NextRequest): Promise<Caller<A>> {
  return AUTHENTICATE[auth](request);
}

async function signedInUser(request: NextRequest): Promise<UserActor | null> {
  try {
    return (await authenticateUser({ authorization: null, cookies: request.cookies.getAll() })).actor;
  } catch (error) {
    if (error instanceof Problem && error.code === 'unauthenticated') return null;
    throw error;
  }
}
