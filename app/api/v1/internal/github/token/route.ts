import { MINT } from '@/app/api/v1/mint';
import { route } from '@/lib/http/route';
import { syncInBackground } from '@/lib/sync/queue';
import { mintToken } from '@/lib/token/mint';

export const POST = route(
  {
    ...MINT,
    access: 'service',
    limits: { address: 'mint_internal' },
    usesTokenUp: true,
    direct: 'POST /api/v1/internal/github/token',
    id: 'mintTokenForService',
    summary: 'Mint a token for a service',
    description:
      'One answer, one new token: read-only, valid for one hour, narrowed to the repositories that are named. Without installation_id the named repositories choose the installation, or those that the API key or the trust rule is bound to; else it is the workspace’s only active one. Repositories of several accounts need a request for each account.',
    problems: [...MINT.problems, 'not_found'],
  },
  ({ actor, context, body }) =>
    mintToken({
      workspaceId: actor.workspace.id,
      actor,
      origin: context,
      request: body,
      syncSoon: syncInBackground,
    }),
);
