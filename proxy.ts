import { randomBytes } from 'node:crypto';
import { type NextRequest, NextResponse } from 'next/server';
import { authorizationOrigins } from './lib/auth/authorization-origin';
import { PAGE_HEADER } from './lib/auth/return-to';
import { getConfig } from './lib/config';
import { afterTooLargeForm, isReadableForm } from './lib/http/action-form';
import { contentSecurityPolicy } from './lib/http/page-security';
import { requestIdOf } from './lib/http/request';

const CSP = 'content-security-policy';

/**
 * Adds the page headers that differ per view: the policy with its nonce, and the request id. Also tells the page its
 * own URL, so that sign-in can lead back to it. Constant headers are in next.config.js. The proxy authorizes nothing,
 * because each page and route does so itself.
 *
 * Redirects a form that is too large for Next back to its page, and responds to a malformed form with 400. Next takes
 * the nonce for its own scripts from the policy in the request's headers.
 */
export async function proxy(request: NextRequest): Promise<NextResponse> {
  const config = getConfig();
  const elsewhere = afterTooLargeForm(request);
  if (elsewhere !== null) return NextResponse.redirect(new URL(elsewhere, config.publicUrl), 303);
  if (!(await isReadableForm(request))) return new NextResponse(null, { status: 400 });
  const nonce = randomBytes(16).toString('base64');
  const policy = contentSecurityPolicy(nonce, config, await authorizationOrigins(config));
  const headers = new Headers(request.headers);
  headers.set(CSP, policy);
  headers.set(PAGE_HEADER, request.nextUrl.pathname + request.nextUrl.search);
  const response = NextResponse.next({ request: { headers } });
  response.headers.set(CSP, policy);
  // Scripts can read this header, so an error after a client navigation can show the id of its own request rather than
  // that of the first page.
  response.headers.set('server-timing', `request;desc="${requestIdOf(request)}"`);
  return response;
}

/**
 * Pages only. The API serves no HTML and gets its policy from next.config.js, and mints should not pay for the proxy.
 */
export const config = { matcher: '/((?!api/|_next/static/|favicon\\.svg$).*)' };
