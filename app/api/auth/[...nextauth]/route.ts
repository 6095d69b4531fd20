import type { NextRequest } from 'next/server';
import NextAuth from 'next-auth';
import { getAuthOptions } from '@/lib/auth/options';

type Next = { params: Promise<{ nextauth: string[] }> };

async function handle(request: NextRequest, next: Next): Promise<Response> {
  // next-auth's browser client posts its own errors here, signed in or not: nobody may fill our log.
  if ((await next.params).nextauth[0] === '_log') return Response.json({});
  const response: Response = await NextAuth(request, next, getAuthOptions());
  response.headers.set('cache-control', 'no-store');
  return response;
}

export { handle as GET, handle as POST };
