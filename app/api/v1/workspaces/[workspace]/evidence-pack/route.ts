import { requireMembership } from '@/lib/auth/session';
import { EvidencePack, EvidenceQuery } from '@/lib/contract/evidence-pack';
import { issueEvidence, packResponse } from '@/lib/evidence/issue';
import { route } from '@/lib/http/route';

export const GET = route(
  {
    access: 'admin',
    limits: { address: 'api', workspace: 'whole_log' },
    query: EvidenceQuery,
    id: 'issueEvidencePack',
    tag: 'Audit log',
    summary: 'Issue a signed evidence pack',
    description:
      'The App’s permissions, the stored columns, the verified chain, tokens per day and every claim, as JSON or PDF. Each pack is recorded in the audit log with its SHA-256. docs/evidence-pack.md says how to verify the signature offline; /.well-known/evidence-keys.pem has the keys.',
    answer: {
      status: 200,
      description: 'The pack.',
      schema: EvidencePack,
      contentTypes: ['application/pdf'],
    },
    problems: ['evidence_unavailable'],
  },
  async ({ request, workspace, actor, context, query: { format = 'json' } }) => {
    // For HEAD, Next also runs this handler, but never reads the body.
    if (request.method === 'HEAD') return packResponse(null, format, workspace.slug);
    const file = await issueEvidence({
      workspace,
      format,
      actor,
      origin: context,
      stillAllowed: () => requireMembership(workspace.id, actor.id, 'admin'),
    });
    return packResponse(file, format, workspace.slug);
  },
);
