import { MINT } from '@/app/api/v1/mint';
import { route } from '@/lib/http/route';
import { syncInBackground } from '@/lib/sync/queue';
import { mintToken } from '@/lib/token/mint';

export const POST = route(
  {
    ...MINT,
    access: 'member',
    limits: { address: 'mint_user' },
    id: 'mintTokenForUser',
    summary: 'Mint a token as a member',
    description: 'As for a service. A bearer token takes precedence over the session cookie.',
  },
  ({ workspace, actor, context, body }) =>
    mintToken({
      workspaceId: workspace.id,
      actor,
      origin: context,
      request: body,
      syncSoon: syncInBackground,
    }),
);
