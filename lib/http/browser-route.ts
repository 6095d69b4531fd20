import { randomBytes } from 'node:crypto';
import { type NextRequest, NextResponse } from 'next/server';
import type { z } from 'zod';
import type { UserActor } from '../actor';
import { type Cookie, cookieName } from '../auth/session';
import { getConfig } from '../config';
import { Problem } from '../problem';
import { parseInput, type RequestContext, readBytes } from './request';
import { route } from './route';
import type { RouteSpec } from './route-spec';

type BrowserInput<Q, B> = {
  query: Q;
  /** The fields of the form, if the spec has a body. */
  body: B;
  request: NextRequest;
  context: RequestContext;
  actor: UserActor;
  /** The browser's own key (see {@link readBrowserKey}), or `null` if it has none yet. */
  browser: string | null;
};

export const SEE_OTHER = {
  status: 303,
  description: 'On to GitHub, or back to a page that says what happened.',
};

/** The URL to redirect to, and optionally a key to store in a cookie of the browser. */
type Redirect = string | { location: string; browser: string };

type BrowserSpec<Q, B> = RouteSpec<'browser', Record<string, never>, Q, B, void> & {
  /**
   * Returns the path to open after sign-in. The path must not contain GitHub's code, because the code is a credential.
   */
  signedOut: (query: Q) => string | Promise<string>;
  /** Responds to requests that don't need a signed-in user. Returns `null` for all others. */
  anonymously?: (input: {
    query: Q;
    request: NextRequest;
    context: RequestContext;
  }) => Promise<Response | null>;
};

/**
 * Wraps a route that a browser visits on its way to or from GitHub, and that responds with a redirect. Visitors who
 * aren't signed in go to the sign-in page first, and from there to the path returned by `spec.signedOut`.
 */
export function browserRoute<Q = Record<string, never>, B = undefined>(
  spec: BrowserSpec<Q, B>,
  handle: (input: BrowserInput<Q, B>) => Promise<Redirect>,
) {
  return route(spec, async ({ request, context, actor, query }) => {
    const anonymous = (await spec.anonymously?.({ query, request, context })) ?? null;
    if (anonymous !== null) return anonymous;
    if (actor === null)
      return seeOther(`/sign-in?${new URLSearchParams({ callbackUrl: await spec.signedOut(query) })}`);
    const browser = readBrowserKey(request.cookies.getAll());
    const body = (spec.body === undefined ? undefined : await readForm(request, spec.body)) as B;
    return seeOther(await handle({ query, body, request, context, actor, browser }));
  });
}

/** Redirects to one of our own paths, or to a URL on GitHub. */
function seeOther(to: Redirect): Response {
  const location = typeof to === 'string' ? to : to.location;
  const response = NextResponse.redirect(new URL(location, getConfig().publicUrl), 303);
  if (typeof to !== 'string') response.headers.append('set-cookie', browserCookie(to.browser));
  return response;
}

const MAX_FORM_BYTES = 16 * 1024;

/**
 * The content types that HTML forms are sent with, except `text/plain`.
 *
 * @see https://html.spec.whatwg.org/multipage/form-control-infrastructure.html#attr-fs-enctype
 */
const FORM_TYPES: ReadonlySet<string> = new Set(['application/x-www-form-urlencoded', 'multipart/form-data']);

/**
 * Reads and validates the fields of an HTML form.
 *
 * @throws {Problem} `unsupported_media_type`, `payload_too_large`, `invalid_request`
 */
async function readForm<T extends z.ZodType>(request: NextRequest, schema: T): Promise<z.output<T>> {
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

const NAME = 'pulsestream.browser';
/** How long a user has to finish connecting a GitHub account. */
const MAX_AGE_SECONDS = 60 * 60;
const KEY = /^[A-Za-z0-9_-]{43}$/;

/**
 * Returns the random key from this browser's cookie, which ties a connect attempt to the browser that started it. Over
 * https, no other site or subdomain can set this cookie.
 *
 * @returns the key, or `null` if the cookie is missing or malformed
 */
export function readBrowserKey(cookies: readonly Cookie[]): string | null {
  const name = cookieName(getConfig().publicUrl, NAME);
  const value = cookies.find((cookie) => cookie.name === name)?.value;
  return value !== undefined && KEY.test(value) ? value : null;
}

export function createBrowserKey(): string {
  return randomBytes(32).toString('base64url');
}

/** Returns the `Set-Cookie` header that stores a browser's key. */
export function browserCookie(key: string): string {
  const { publicUrl } = getConfig();
  const secure = publicUrl.startsWith('https://') ? '; Secure' : '';
  return `${cookieName(publicUrl, NAME)}=${key}; Path=/; Max-Age=${MAX_AGE_SECONDS}; HttpOnly; SameSite=Lax${secure}`;
}

const CONFIRMATION = 'pulsestream.confirmation';
const CONFIRMATION_SECONDS = 15 * 60;

/** Returns the encrypted state of the confirmation in progress in this browser, or `null` if there is none. */
export function readConfirmationCookie(cookies: readonly Cookie[]): string | null {
  const name = confirmationCookie('').name;
  return cookies.find((cookie) => cookie.name === name)?.value || null;
}

/** Returns the cookie that stores a confirmation's encrypted state. An empty value deletes the cookie. */
export function confirmationCookie(value: string) {
  const { publicUrl } = getConfig();
  return {
    name: cookieName(publicUrl, CONFIRMATION),
    value,
    path: '/',
    maxAge: value === '' ? 0 : CONFIRMATION_SECONDS,
    httpOnly: true,
    sameSite: 'lax' as const,
    secure: publicUrl.startsWith('https://'),
  };
}
