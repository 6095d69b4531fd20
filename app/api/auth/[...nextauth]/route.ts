import { NextRequest } from 'next/server';
import NextAuth from 'next-auth';
import { z } from 'zod';
import { getAuthOptions } from '@/lib/auth/options';
import { getConfig } from '@/lib/config';
import { readBytes, requestContext } from '@/lib/http/request';
import { route } from '@/lib/http/route';
import { Problem } from '@/lib/problem';

/** Wraps next-auth's own routes in our rate limits, request ids and problem responses. */
const spec = {
  access: 'public',
  undescribed: 'next-auth documents its own routes, for its own client',
  params: z.strictObject({ nextauth: z.array(z.string()).min(1) }),
  query: z.record(z.string(), z.string()),
} as const;

type Input = { request: NextRequest; params: { nextauth: string[] } };

const MAX_BODY_BYTES = 16 * 1024;

/**
 * Returns the request with a checked body. Without this check, next-auth would read a body of any length and fail on
 * invalid JSON. Also drops the query of a POST, because next-auth would forward all of it to the provider, including a
 * client's own `scope` and `redirect_uri`.
 */
async function withCheckedBody(request: NextRequest): Promise<NextRequest> {
  if (request.method !== 'POST') return request;
  const body = await readBytes(request, MAX_BODY_BYTES);
  const { headers } = request;
  if (headers.get('content-type')?.includes('application/json') && !isJsonObject(body.toString('utf8')))
    throw new Problem('invalid_request', 'The body is not a JSON object.');
  return new NextRequest(new URL(request.nextUrl.pathname, request.nextUrl.origin), {
    method: 'POST',
    headers,
    body: new Uint8Array(body),
  });
}

function isJsonObject(text: string): boolean {
  try {
    return z.record(z.string(), z.unknown()).safeParse(JSON.parse(text)).success;
  } catch {
    return false;
  }
}

/**
 * Rejects requests that would make next-auth log an error and respond with 500.
 *
 * @throws {Problem} `invalid_request`
 */
function assertReadable({ nextUrl, cookies }: NextRequest, [action, provider]: string[]): void {
  const isForm = getAuthOptions(cookies.getAll()).providers.some(
    ({ id, type }) => id === provider && type === 'credentials',
  );
  if (action === 'callback' && isForm)
    throw new Problem('invalid_request', 'This sign-in is a form to send, not an address to open.');
  const url = nextUrl.searchParams.get('callbackUrl') ?? '';
  if (url !== '' && !(/^(https?:|\/)/i.test(url) && URL.canParse(url, getConfig().publicUrl)))
    throw new Problem('invalid_request', 'The parameter callbackUrl is not an address.');
}

async function handle({ request, params }: Input): Promise<Response> {
  // next-auth's browser client posts errors here without a session. Drop them, so nobody can flood our log.
  if (params.nextauth[0] === '_log') return new Response(null, { status: 204 });
  if (request.method === 'GET') assertReadable(request, params.nextauth);
  const options = getAuthOptions(request.cookies.getAll(), requestContext(request));
  return NextAuth(await withCheckedBody(request), { params }, options);
}

const unlimited = route(spec, handle);
const limited = route({ ...spec, limits: { address: 'sign_in' } }, handle);

/**
 * True if a request tries to sign in or makes us call a provider; false otherwise. Checks the parsed path, as next-auth
 * does, because a URL can spell the same path in many ways.
 */
function isAttempt(method: string, [action]: string[]): boolean {
  return action === 'callback' || (method === 'POST' && action === 'signin');
}

async function answer(request: NextRequest, next: Parameters<typeof limited>[1]): Promise<Response> {
  const parts = (await next.params)?.nextauth;
  if (!isAttempt(request.method, [parts ?? []].flat())) return unlimited(request, next);
  const response = await limited(request, next);
  if (response.status !== 429 || !request.headers.get('accept')?.includes('text/html')) return response;
  // A browser expects a page rather than JSON, so redirect it to the sign-in page, which shows a message.
  const headers = new Headers(response.headers);
  headers.delete('content-type');
  headers.set('location', `${getConfig().publicUrl}/sign-in?error=TooManyAttempts`);
  return new Response(null, { status: 303, headers });
}

const described = Object.assign(answer, { spec });

export { described as GET, described as POST };
