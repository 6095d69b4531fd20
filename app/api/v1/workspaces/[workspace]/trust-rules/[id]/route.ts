import { TrustRule, TrustRuleParams, UpdateTrustRule } from '@/lib/contract/trust-rules';
import { route } from '@/lib/http/route';
import { revokeTrustRule, updateTrustRule } from '@/lib/workload/manage-rules';

export const PATCH = route(
  {
    access: 'admin',
    limits: { address: 'api' },
    params: TrustRuleParams,
    body: UpdateTrustRule,
    id: 'updateTrustRule',
    tag: 'Trust rules',
    summary: 'Change a trust rule',
    description:
      'Changes what is sent. null for repositories grants all, null for expires_at removes the expiry. Issuer and subject never change: create another rule instead.',
    answer: { status: 200, description: 'The rule after the change.', schema: TrustRule },
    problems: ['repository_not_accessible'],
  },
  ({ workspace, actor, context, params, body }) =>
    updateTrustRule({ workspaceId: workspace.id, actor, origin: context }, params.id, body),
);

export const DELETE = route(
  {
    access: 'admin',
    limits: { address: 'api' },
    params: TrustRuleParams,
    id: 'revokeTrustRule',
    tag: 'Trust rules',
    summary: 'Revoke a trust rule',
    answer: { status: 204, description: 'The next request that it would authenticate is refused.' },
  },
  async ({ workspace, actor, context, params }) => {
    await revokeTrustRule({ workspaceId: workspace.id, actor, origin: context }, params.id);
  },
);
