import { type NextRequest, NextResponse } from 'next/server';
import type { z } from 'zod';
import type { UserActor } from '../actor';
import { getConfig } from '../config';
import { Problem } from '../problem';
import { browserCookie, readBrowserKey } from './browser-cookie';
import { parseInput, type RequestContext, readBytes } from './request';
import { route } from './route';
import type { RouteSpec } from './route-spec';

type BrowserInput<Q, B> = {
  query: Q;
  /** The fields of the form, where the spec has a body. */
  body: B;
  request: NextRequest;
  context: RequestContext;
  actor: UserActor;
  /** The browser's own key; `null` if it has none yet. */
  browser: string | null;
};

export const SEE_OTHER = {
  status: 303,
  description: 'On to GitHub, or back to a page that says what happened.',
};

/** Where to send the browser, and the key that it keeps. */
type Redirect = string | { location: string; browser: string };

type BrowserSpec<Q, B> = RouteSpec<'browser', Record<string, never>, Q, B, void> & {
  /** Where to go on after signing in; it must not hold GitHub's code, which is worth something. */
  signedOut: (query: Q) => string | Promise<string>;
  /** Answers requests for which nobody has to be signed in; `null` for all others. */
  anonymously?: (input: {
    query: Q;
    request: NextRequest;
    context: RequestContext;
  }) => Promise<Response | null>;
};

/**
 * Wraps a route that a browser visits on its way to or from GitHub. It answers with a redirect: visitors who are not
 * signed in are sent to do so first, and then to `spec.signedOut`.
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

/** @throws {Problem} `unsupported_media_type`, `payload_too_large`, `invalid_request` */
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
