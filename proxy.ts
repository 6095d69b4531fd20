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
 * Adds the parts of a page's headers that differ per view: the policy with its nonce, and the request's id. It also
 * passes the page its own address, for the return from sign-in. Constant headers are in next.config.js. It
 * authorizes nothing; each page and route does that itself.
 *
 * A form that Next would refuse unread goes back to its page, and an unreadable one gets 400. Next reads the nonce
 * for its own scripts from the request's header.
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
  // Scripts can read this header, so that an error after a client navigation names its own request, not the first
  // one.
  response.headers.set('server-timing', `request;desc="${requestIdOf(request)}"`);
  return response;
}

/** Pages only: the API serves no HTML (its policy is in next.config.js), and a mint must not pay for this. */
export const config = { matcher: '/((?!api/|_next/static/|favicon\\.svg$).*)' };
