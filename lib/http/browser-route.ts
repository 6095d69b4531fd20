import { type NextRequest, NextResponse } from 'next/server';
import type { z } from 'zod';
import type { UserActor } from '../actor';
import { authenticateUser } from '../auth/user-jwt';
import { getConfig } from '../config';
import { Problem } from '../problem';
import type { PolicyName } from '../rate-limit/policies';
import { browserCookie, readBrowserKey } from './browser-cookie';
import { parseInput, readBytes } from './read-body';
import type { RequestContext } from './request-context';
import { route } from './route';
import { assertSameOrigin } from './same-origin';

type BrowserInput<Q> = {
  query: Q;
  request: NextRequest;
  context: RequestContext;
  actor: UserActor;
  /** The browser's own key; `null` if it has none yet. */
  browser: string | null;
};

/** Where to send the browser, and the key that it keeps. */
type Redirect = string | { location: string; browser: string };

/**
 * A route that a browser visits on its way to or from GitHub: it is for whoever is signed in, and answers with a
 * redirect. Somebody who is not signed in is sent to do so first, and to `signedOut` after that.
 *
 * @param spec.anonymously answers what needs nobody signed in; `null` for everything else
 * @param spec.signedOut where to go on; it must not hold GitHub's code, which is worth something
 */
export function browserRoute<Q>(
  spec: {
    rateLimit: PolicyName;
    query?: z.ZodType<Q>;
    signedOut: (query: Q) => string | Promise<string>;
    anonymously?: (input: Omit<BrowserInput<Q>, 'actor' | 'browser'>) => Promise<Response | null>;
  },
  handle: (input: BrowserInput<Q>) => Promise<Redirect>,
) {
  const { rateLimit, query: schema, signedOut } = spec;
  return route<'none', undefined, Record<string, never>, Q>(
    { auth: 'none', rateLimit, ...(schema === undefined ? {} : { query: schema }) },
    async ({ request, context, query }) => {
      // Coming back from GitHub is a GET from another site.
      if (request.method !== 'GET' && request.method !== 'HEAD') assertSameOrigin(request);
      const anonymous = (await spec.anonymously?.({ query, request, context })) ?? null;
      if (anonymous !== null) return anonymous;
      const actor = await signedInUser(request);
      const browser = readBrowserKey(request.cookies.getAll());
      if (actor !== null) return seeOther(await handle({ query, request, context, actor, browser }));
      return seeOther(`/sign-in?${new URLSearchParams({ callbackUrl: await signedOut(query) })}`);
    },
  );
}

async function signedInUser(request: NextRequest): Promise<UserActor | null> {
  try {
    return (await authenticateUser({ authorization: null, cookies: request.cookies.getAll() })).actor;
  } catch (error) {
    if (error instanceof Problem && error.code === 'unauthenticated') return null;
    throw error;
  }
}

/** Redirects to a path of ours, or to a URL of GitHub's. */
function seeOther(to: Redirect): Response {
  const location = typeof to === 'string' ? to : to.location;
  const response = NextResponse.redirect(new URL(location, getConfig().publicUrl), 303);
  if (typeof to !== 'string') response.headers.append('set-cookie', browserCookie(to.browser));
  return response;
}

const MAX_FORM_BYTES = 16 * 1024;

/** How HTML forms are sent. @see https://html.spec.whatwg.org/multipage/form-control-infrastructure.html#attr-fs-enctype */
const FORM_TYPES: ReadonlySet<string> = new Set(['application/x-www-form-urlencoded', 'multipart/form-data']);

/**
 * The fields of an HTML form.
 *
 * @throws {Problem} `unsupported_media_type`, `payload_too_large`, `invalid_request`
 */
export async function readForm<T extends z.ZodType>(request: NextRequest, schema: T): Promise<z.output<T>> {
  const contentType = request.headers.get('content-type') ?? '';
  if (!FORM_TYPES.has(contentType.split(';')[0]?.trim().toLowerCase() ?? ''))
    throw new Problem('unsupported_media_type', 'Send an HTML form.');
  const bytes = await readBytes(request, MAX_FORM_BYTES);
  const form = await new Response(new Uint8Array(bytes), { headers: { 'content-type': contentType } })
    .formData()
    .catch(() => {
      throw new Problem('invalid_request', 'The form cannot be read.');
    });
  return parseInput(schema, Object.fromEntries(form));
}
