import { EvidenceQuery } from '@/lib/contract/evidence-pack';
import { issueEvidence, packResponse } from '@/lib/evidence/issue';
import { readLinkCookie } from '@/lib/evidence/link-cookie';
import { actorOf, type OpenedLink, openEvidenceLink } from '@/lib/evidence/links';
import { route } from '@/lib/http/route';
import { assertSameOrigin } from '@/lib/http/same-origin';
import { notFound } from '@/lib/problem';

/** Issues an evidence pack to the browser of an auditor who has opened a link. */
export const GET = route(
  {
    access: 'public',
    limits: { address: 'evidence_link' },
    query: EvidenceQuery,
    undescribed: 'For the page that an auditor’s link leads to.',
  },
  async ({ request, context, query: { format = 'pdf' } }) => {
    assertSameOrigin(request);
    const secret = readLinkCookie(request.cookies.getAll());
    const live = async (): Promise<OpenedLink> => (await openEvidenceLink(secret)) ?? raiseNotFound();
    const link = await live();
    const { workspace } = link;
    if (request.method === 'HEAD') return packResponse(null, format, workspace.slug);
    const file = await issueEvidence({
      workspace,
      format,
      actor: actorOf(link),
      origin: context,
      stillAllowed: async () => void (await live()),
      linkId: link.id,
    });
    return packResponse(file, format, workspace.slug);
  },
);

function raiseNotFound(): never {
  throw notFound();
}
