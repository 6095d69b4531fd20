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
 * Sets the headers of a page that differ per view: the policy with its nonce, and the request id. Also tells the page
 * its own URL, so that sign-in can return to it. Constant headers are in next.config.js. The proxy authorizes nothing,
 * because each page and route does that itself.
 *
 * Redirects a form that's too large for Next back to its page, and responds to a malformed form with 400. Next takes
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
  // Scripts can read this header. So if a client-side navigation fails, the error page can show that request's id
  // rather than the id of the first page load.
  response.headers.set('server-timing', `request;desc="${requestIdOf(request)}"`);
  return response;
}

/**
 * Matches pages only. The API serves no HTML and gets its policy from next.config.js, and mints shouldn't pay the cost
 * of the proxy.
 */
export const config = { matcher: '/((?!api/|_next/static/|favicon\\.svg$).*)' };
