'use server';

import { z } from 'zod';
import type { CreateLinkState } from '@/components/trust/create-link-form';
import { getConfig } from '@/lib/config';
import { CreateEvidenceLink } from '@/lib/contract/evidence-pack';
import { createEvidenceLink, revokeEvidenceLink } from '@/lib/evidence/links';
import { action, formAction } from '@/lib/http/action';
import { hrefWith } from '@/lib/http/href-with';
import { parseInput } from '@/lib/http/request';
import { LINK_PAGE } from './notices';

const LinkForm = z.object({ name: z.string().catch(''), expires_in: z.string().catch('') });

/** Creates a link. The link is shown only in this action's response, and never again. */
export const createLink = formAction(
  { access: 'admin', input: LinkForm },
  async ({ by, input, before }): Promise<CreateLinkState> => {
    // The form was submitted twice. Keep showing the first link.
    if (before.created !== null) return before;
    const wanted = parseInput(CreateEvidenceLink, input);
    const { secret } = await createEvidenceLink(by, wanted);
    const url = hrefWith(`${getConfig().publicUrl}/api/evidence/open`, { link: secret });
    return { ...before, created: { name: wanted.name, url } };
  },
);

export const revokeLink = action(
  { access: 'admin', page: LINK_PAGE, input: z.object({ id: z.string() }), invalid: 'gone' },
  async ({ by, input: { id } }) => {
    await revokeEvidenceLink(by, id);
    return { notice: 'revoked' };
  },
);
