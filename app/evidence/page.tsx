import type { Metadata } from 'next';
import { cookies } from 'next/headers';
import type { SearchParams } from '@/app/request';
import { PublicPage, readVisitor } from '@/app/site-headers';
import { TrustContent } from '@/app/trust/content';
import { MessagePage } from '@/components/errors/message-page';
import { PackButtons } from '@/components/trust/evidence-pack';
import { buttonClasses } from '@/components/ui/button';
import { Time } from '@/components/ui/time';
import { UntrustedText } from '@/components/ui/untrusted-text';
import { readLinkCookie } from '@/lib/evidence/link-cookie';
import { openEvidenceLink } from '@/lib/evidence/links';

export const metadata: Metadata = { title: 'Evidence', referrer: 'no-referrer' };

/** Shows an auditor the evidence of the workspace whose link this browser has opened. */
export default async function EvidencePage({ searchParams }: { searchParams: SearchParams }) {
  const [visitor, link] = await Promise.all([
    readVisitor(searchParams),
    openEvidenceLink(readLinkCookie((await cookies()).getAll())),
  ]);
  if (link === null)
    return (
      <PublicPage visitor={visitor} className="max-w-4xl pt-8 pb-20">
        <MessagePage
          code="Evidence"
          title="This link has ended"
          actions={
            <a href="/trust" className={buttonClasses({ variant: 'primary' })}>
              Open the Trust page
            </a>
          }
        >
          It expired, was revoked, or was opened in another browser. Open it again, or ask its sender for a
          new one.
        </MessagePage>
      </PublicPage>
    );
  const { name, workspace, expiresAt } = link;
  return (
    <PublicPage visitor={visitor} className="flex max-w-4xl flex-col gap-8 pt-8 pb-20 sm:pt-10">
      <p className="wrap-anywhere rounded-xl border border-accent-border bg-accent-surface px-4 py-3 text-sm print:hidden">
        Evidence of the workspace <UntrustedText className="font-medium">{workspace.name}</UntrustedText>,
        shared with <UntrustedText className="font-medium">{name}</UntrustedText> until{' '}
        <Time value={expiresAt} format="absolute" />.
      </p>
      <TrustContent
        workspace={{ ...workspace, logSlug: null }}
        actions={
          <PackButtons pdfHref="/api/evidence/pack?format=pdf" jsonHref="/api/evidence/pack?format=json" />
        }
      />
    </PublicPage>
  );
}
