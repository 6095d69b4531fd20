import { listOf } from '@/lib/contract/pagination';
import { CreateTrustRule, TrustRule, TrustRulesQuery } from '@/lib/contract/trust-rules';
import { route } from '@/lib/http/route';
import { createTrustRule } from '@/lib/workload/manage-rules';
import { listTrustRules } from '@/lib/workload/read-rules';

export const GET = route(
  {
    access: 'admin',
    limits: { address: 'api' },
    query: TrustRulesQuery,
    id: 'listTrustRules',
    tag: 'Trust rules',
    summary: 'List trust rules',
    answer: { status: 200, description: 'One page, newest first.', schema: listOf(TrustRule) },
  },
  ({ workspace, query }) => listTrustRules(workspace.id, query),
);

export const POST = route(
  {
    access: 'admin',
    limits: { address: 'api' },
    body: CreateTrustRule,
    id: 'createTrustRule',
    tag: 'Trust rules',
    summary: 'Create a trust rule',
    description:
      'A service whose identity token the rule matches mints without an API key. subject is exact, or holds "*" inside of one segment between ":" or "/", but not in the segments that name the organization. Each of claims must be in the token with this value.',
    answer: { status: 201, description: 'The rule.', schema: TrustRule },
    problems: ['repository_not_accessible'],
  },
  ({ workspace, actor, context, body }) =>
    createTrustRule({ workspaceId: workspace.id, actor, origin: context }, body),
);
