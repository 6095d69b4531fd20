import { RevokeRequest } from '@/lib/contract/revoke';
import { route } from '@/lib/http/route';
import { handBackToken } from '@/lib/token/release';

export const POST = route(
  {
    access: 'service',
    limits: { address: 'api' },
    body: RevokeRequest,
    id: 'revokeToken',
    tag: 'Tokens',
    summary: 'Revoke a token',
    description:
      'Revokes at GitHub a token that was minted for this workspace, before its hour is over. We keep no token, so only who holds one can name it.',
    answer: { status: 204, description: 'The token no longer works.' },
    problems: ['not_found', 'github_error', 'github_unavailable', 'audit_unavailable'],
  },
  async ({ actor, context, body }) => {
    await handBackToken({ actor, origin: context, token: body.token });
  },
);
