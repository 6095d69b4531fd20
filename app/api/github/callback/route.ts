import { handleCallback } from '@/lib/connection/callback';
import { signedOutPage } from '@/lib/connection/signed-out';
import { CallbackQuery } from '@/lib/contract/connect';
import { browserRoute } from '@/lib/http/browser-route';

/** The App's OAuth callback. */
export const GET = browserRoute(
  { rateLimit: 'connect', query: CallbackQuery, signedOut: ({ state }) => signedOutPage(state) },
  ({ query, actor, context, browser }) =>
    handleCallback({ code: query.code, state: query.state, error: query.error }, actor, context, browser),
);
