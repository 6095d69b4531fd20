import { RevokeRequest } from '@/lib/contract/revoke';
import { route } from '@/lib/http/route';
import { handBackToken } from '@/lib/token/hand-back';

export const POST = route(
  { auth: 'apiKey', rateLimit: 'api', body: RevokeRequest },
  async ({ actor, context, body }) => {
    await handBackToken({ actor, origin: context, token: body.token });
    return new Response(null, { status: 204 });
  },
);
