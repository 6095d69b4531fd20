import { z } from 'zod';
import { getConfig } from '@/lib/config';
import { linkCookie } from '@/lib/evidence/link-cookie';
import { openEvidenceLink } from '@/lib/evidence/links';
import { route } from '@/lib/http/route';

/**
 * Opens an auditor's link. The secret moves from the address to a cookie, and the browser goes to a page without it. An
 * unknown, expired or revoked link leads to the same page, which says that it has ended.
 */
export const GET = route(
  {
    access: 'public',
    limits: { address: 'evidence_link' },
    query: z.object({ link: z.string().max(100).catch('') }),
    undescribed: 'A link that a person opens in a browser.',
  },
  async ({ query: { link } }) => {
    const opened = await openEvidenceLink(link);
    return new Response(null, {
      status: 303,
      headers: {
        location: new URL('/evidence', getConfig().publicUrl).href,
        'referrer-policy': 'no-referrer',
        'x-robots-tag': 'noindex, nofollow',
        ...(opened === null ? {} : { 'set-cookie': linkCookie(link, opened.expiresAt) }),
      },
    });
  },
);
