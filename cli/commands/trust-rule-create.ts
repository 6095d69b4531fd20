import { z } from 'zod';
import { Slug } from '../../lib/contract/members';
import { CreateTrustRule } from '../../lib/contract/trust-rules';
import { createTrustRule } from '../../lib/workload/manage-rules';
import { command, operator } from '../command';
import { findWorkspace } from '../find-workspace';
import { RepositoryList } from '../repository-list';

const { name, issuer, subject, expires_at } = CreateTrustRule.shape;

export const trustRuleCreate = command({
  summary: 'Let a service mint with identity tokens of an issuer in WORKLOAD_ISSUERS',
  usage:
    '--workspace acme --name ci --issuer URL --subject SUBJECT [--repositories owner/a,owner/b] [--expires-at 2027-01-31T09:00:00Z]',
  options: z.strictObject({
    workspace: Slug,
    name,
    issuer,
    subject,
    repositories: RepositoryList.optional(),
    'expires-at': expires_at,
  }),
  async run({ workspace, 'expires-at': expiresAt, ...wanted }) {
    const { id: workspaceId } = await findWorkspace(workspace);
    const { id } = await createTrustRule(
      { workspaceId, ...operator() },
      { ...wanted, expires_at: expiresAt },
    );
    return { id };
  },
});
