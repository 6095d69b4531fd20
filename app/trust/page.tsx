import type { Metadata } from 'next';
import type { SearchParams } from '@/app/request';
import { PublicPage, readVisitor } from '@/app/site-headers';
import { PackButtons } from '@/components/trust/evidence-pack';
import { ButtonLink } from '@/components/ui/button-link';
import type { Membership } from '@/lib/auth/session';
import { getConfig } from '@/lib/config';
import { hasRole } from '@/lib/contract/members';
import { findSigningKey } from '@/lib/evidence/keys';
import { TRUST_DESCRIPTION, TrustContent } from './content';

/** Unlike other pages, search engines may list this one, and chats may show a card for its link. */
export function generateMetadata(): Metadata {
  const { publicUrl } = getConfig();
  return {
    title: 'Trust',
    description: TRUST_DESCRIPTION,
    metadataBase: new URL(publicUrl),
    alternates: { canonical: '/trust' },
    robots: { index: true, follow: true },
    openGraph: {
      type: 'website',
      siteName: 'PulseStream',
      title: 'Trust · PulseStream',
      description: TRUST_DESCRIPTION,
      url: '/trust',
      images: [
        {
          url: '/preview.png',
          width: 1200,
          height: 630,
          alt: 'PulseStream: read-only access to your code, one hour at a time',
        },
      ],
    },
    twitter: { card: 'summary_large_image' },
  };
}

/** The public trust page. Signed-in users also see evidence about one of their workspaces. */
export default async function TrustPage({ searchParams }: { searchParams: SearchParams }) {
  const visitor = await readVisitor(searchParams);
  const { workspace } = visitor;
  const isAdmin = workspace !== null && hasRole(workspace.role, 'admin');
  return (
    <PublicPage visitor={visitor} className="flex max-w-4xl flex-col gap-8 pt-8 pb-20 sm:pt-10">
      <TrustContent
        workspace={workspace && { ...workspace, logSlug: isAdmin ? workspace.slug : null }}
        actions={isAdmin ? <Pack workspace={workspace} /> : null}
      />
    </PublicPage>
  );
}

/** Offers an evidence pack to an admin, or says what the operator has to set. */
function Pack({ workspace: { slug } }: { workspace: Membership }) {
  if (findSigningKey() === null)
    return (
      <p className="max-w-60 text-13 text-muted">Evidence packs: EVIDENCE_SIGNING_KEY is not set here.</p>
    );
  const href = `/api/v1/workspaces/${slug}/evidence-pack`;
  return (
    <>
      <PackButtons pdfHref={`${href}?format=pdf`} jsonHref={`${href}?format=json`} />
      <ButtonLink href={`/w/${slug}/settings/evidence-links`} variant="ghost" className="print:hidden">
        Share with an auditor
      </ButtonLink>
    </>
  );
}
