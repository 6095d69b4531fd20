import { randomBytes } from 'node:crypto';
import { type NextRequest, NextResponse } from 'next/server';
import { authorizationOrigins } from './lib/auth/authorization-origin';
import { PAGE_HEADER } from './lib/auth/return-to';
import { getConfig } from './lib/config';
import { afterTooLargeForm, isReadableForm } from './lib/http/action-form';
import { contentSecurityPolicy } from './lib/http/page-security';
import { requestIdOf } from './lib/http/request-context';

const CSP = 'content-security-policy';

/**
 * Adds to a page what differs from one view to the next: the policy with its nonce, and the request's id; and tells the
 * page its own address, for the way back from sign-in. What never changes is in next.config.js. Nobody is let in or
 * kept out here: that is done where the data is.
 *
 * A form that Next would refuse unread goes back to its page; one that it could not read is 400. Next takes the nonce
 * for its own scripts out of the request’s header.
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
  // Where a script can read it: an error after a navigation without reload then names that request, not the first.
  response.headers.set('server-timing', `request;desc="${requestIdOf(request)}"`);
  return response;
}

/** Pages only: the API answers no HTML (its policy is in next.config.js), and a mint must not pay for this. */
export const config = { matcher: '/((?!api/|_next/static/|favicon\\.svg$).*)' };
