import { type NextRequest, NextResponse } from 'next/server';
import type { z } from 'zod';
import { getConfig } from '@/lib/config';
import { isConfirmationState } from '@/lib/connect/attempts';
import { proveConfirmation } from '@/lib/connect/confirm';
import { handleCallback, signedOutPage } from '@/lib/connect/flow';
import { CallbackQuery } from '@/lib/contract/connect';
import {
  browserRoute,
  confirmationCookie,
  readConfirmationCookie,
  SEE_OTHER,
} from '@/lib/http/browser-route';
import type { RequestContext } from '@/lib/http/request';

/**
 * Finishes an authorization. An organization owner who only confirms another user's connection needs no account with
 * us, so `anonymously` handles confirmations.
 */
export const GET = browserRoute(
  {
    access: 'browser',
    limits: { address: 'connect' },
    query: CallbackQuery,
    signedOut: ({ state }) => signedOutPage(state),
    anonymously: confirm,
    id: 'callback',
    tag: 'Connecting',
    summary: 'The App’s OAuth callback',
    answer: SEE_OTHER,
  },
  ({ query, actor, context, browser }) =>
    handleCallback({ code: query.code, state: query.state, error: query.error }, actor, context, browser),
);

type Callback = { query: z.output<typeof CallbackQuery>; request: NextRequest; context: RequestContext };

async function confirm({ query, request, context }: Callback): Promise<Response | null> {
  const { code, state, error } = query;
  if (!isConfirmationState(state)) return null;
  const kept = readConfirmationCookie(request.cookies.getAll());
  const { location, sealed } = await proveConfirmation({ code, state, error }, kept, context);
  const response = NextResponse.redirect(new URL(location, getConfig().publicUrl), 303);
  response.cookies.set(confirmationCookie(sealed ?? ''));
  return response;
}
