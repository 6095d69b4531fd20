import { NextResponse } from 'next/server';
import { MintRequest } from '@/lib/contract/mint';
import { route } from '@/lib/http/route';
import { syncInBackground } from '@/lib/sync/background-sync';
import { mintToken } from '@/lib/token/mint';

export const POST = route(
  { auth: 'user', workspace: 'member', rateLimit: 'mint_user', body: MintRequest },
  async ({ workspace, actor, context, body }) => {
    const minted = await mintToken({
      workspaceId: workspace.id,
      actor,
      origin: context,
      request: body,
      syncSoon: syncInBackground,
    });
    return NextResponse.json(minted, { status: 201 });
  },
);
