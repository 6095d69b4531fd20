import { connectPage, handleSetup, signedOutPage } from '@/lib/connect/flow';
import { SetupQuery } from '@/lib/contract/connect';
import { browserRoute, SEE_OTHER } from '@/lib/http/browser-route';

export const GET = browserRoute(
  {
    access: 'browser',
    limits: { address: 'connect' },
    query: SetupQuery,
    signedOut: ({ state, installation_id }) =>
      state === undefined ? connectPage({ installationId: installation_id }) : signedOutPage(state),
    id: 'setup',
    tag: 'Connecting',
    summary: 'The App’s Setup URL',
    answer: SEE_OTHER,
  },
  ({ query, actor, context, browser }) =>
    handleSetup(
      { installationId: query.installation_id, setupAction: query.setup_action, state: query.state },
      actor,
      context,
      browser,
    ),
);
