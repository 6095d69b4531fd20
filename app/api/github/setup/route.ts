import { connectPage } from '@/lib/connect/destinations';
import { handleSetup } from '@/lib/connect/setup';
import { signedOutPage } from '@/lib/connect/signed-out';
import { SetupQuery } from '@/lib/contract/connect';
import { browserRoute } from '@/lib/http/browser-route';

/** The App's Setup URL. */
export const GET = browserRoute(
  {
    rateLimit: 'connect',
    query: SetupQuery,
    signedOut: ({ state, installation_id }) =>
      state === undefined ? connectPage({ installationId: installation_id }) : signedOutPage(state),
  },
  ({ query, actor, context, browser }) =>
    handleSetup(
      { installationId: query.installation_id, setupAction: query.setup_action, state: query.state },
      actor,
      context,
      browser,
    ),
);
