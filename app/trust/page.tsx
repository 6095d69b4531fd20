import type { Metadata } from 'next';
import { orNotNow } from '@/app/page-reads';
import type { SearchParams } from '@/app/request';
import { PublicPage, readVisitor } from '@/app/site-headers';
import { PageHeader } from '@/components/shell/page-header';
import { ClaimLegend, ClaimList } from '@/components/trust/claim-list';
import { DataFlow } from '@/components/trust/data-flow';
import { AppCard, NoWorkspaceCard, StoredCard, WorkspaceCard } from '@/components/trust/evidence-cards';
import { PackButtons } from '@/components/trust/evidence-pack';
import { OperatorFactsCard } from '@/components/trust/operator-facts';
import { SixQuestions } from '@/components/trust/six-questions';
import { Section } from '@/components/ui/section';
import { Time } from '@/components/ui/time';
import type { Membership } from '@/lib/auth/session';
import { getConfig } from '@/lib/config';
import { hasRole } from '@/lib/contract/members';
import { findSigningKey } from '@/lib/evidence/keys';
import { answers } from '@/lib/trust/answers';
import { claimGroups } from '@/lib/trust/claims';
import { DOCUMENTS } from '@/lib/trust/documents';
import { readAppEvidence, readWorkspaceEvidence } from '@/lib/trust/evidence';
import { operatorFacts } from '@/lib/trust/operator-facts';
import { readStoredData } from '@/lib/trust/stored-data';
import { VERSION } from '@/lib/version';

const DESCRIPTION = 'What PulseStream can do with your code, what it stores, and how you check both.';

/** Unlike other pages, search engines may list this one, and chats may show a card for its link. */
export function generateMetadata(): Metadata {
  const { publicUrl } = getConfig();
  return {
    title: 'Trust',
    description: DESCRIPTION,
    metadataBase: new URL(publicUrl),
    alternates: { canonical: '/trust' },
    robots: { index: true, follow: true },
    openGraph: {
      type: 'website',
      siteName: 'PulseStream',
      title: 'Trust · PulseStream',
      description: DESCRIPTION,
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

const link = 'text-accent underline underline-offset-4';

/** The public trust page. Signed-in users also see evidence about one of their workspaces. */
export default async function TrustPage({ searchParams }: { searchParams: SearchParams }) {
  const config = getConfig();
  const visitor = await readVisitor(searchParams);
  const { workspace } = visitor;
  const [app, stored, evidence] = await Promise.all([
    readAppEvidence(),
    readStoredData(),
    workspace === null ? null : orNotNow(readWorkspaceEvidence(workspace.id)).then(({ value }) => value),
  ]);
  const groups = claimGroups({
    config,
    workspace: evidence,
    permissions: app?.info.permissions ?? null,
    stored,
  });

  return (
    <PublicPage visitor={visitor} className="flex max-w-4xl flex-col gap-8 pt-8 pb-20 sm:pt-10">
      <PageHeader
        title="Trust"
        description={
          <>
            {DESCRIPTION} Version {VERSION}, checked{' '}
            <Time value={new Date().toISOString()} format="absolute" />.
          </>
        }
        actions={workspace && hasRole(workspace.role, 'admin') ? <Pack workspace={workspace} /> : null}
      />
      <SixQuestions answers={answers(groups)} />
      <Section id="data-flow" title="Where tokens and code go">
        <DataFlow />
      </Section>
      <Section id="claims" title="Every claim, checked now where a page can">
        <ClaimLegend groups={groups} />
        <ClaimList groups={groups} />
      </Section>
      <Section id="evidence" title="Live evidence">
        <div className="grid grid-cols-1 gap-4 md:grid-cols-2">
          <AppCard
            id={config.github.appId}
            environment={config.environment}
            reported={app && { permissions: app.info.permissions, asOf: app.askedAt.toISOString() }}
          />
          {workspace && evidence ? (
            <WorkspaceCard name={workspace.name} {...evidence} auditLogHref={auditLogHref(workspace)} />
          ) : (
            <NoWorkspaceCard />
          )}
        </div>
      </Section>
      <Section id="operator" title="Who runs this, and how">
        <OperatorFactsCard {...operatorFacts(config)} />
      </Section>
      <Section id="stored" title="What is stored, column by column">
        <StoredCard tables={stored.tables} secretSounding={stored.secretSounding} />
      </Section>
      <Section id="documents" title="Documents of this version">
        <ul className="grid grid-cols-1 gap-x-6 gap-y-1.5 text-sm sm:grid-cols-2">
          {DOCUMENTS.map(({ name, title }) => (
            <li key={name}>
              <a href={`/docs/${name}`} className={link}>
                {title}
              </a>
            </li>
          ))}
          <li>
            <a href="/.well-known/evidence-keys.pem" className={link}>
              Keys of evidence packs
            </a>
          </li>
          <li>
            <a href="/docs/api" className={link}>
              API reference
            </a>
          </li>
        </ul>
      </Section>
    </PublicPage>
  );
}

/** Offers an evidence pack to an admin, or says what the operator has to set. */
function Pack({ workspace: { slug } }: { workspace: Membership }) {
  if (findSigningKey() === null)
    return (
      <p className="max-w-60 text-[13px] text-muted">Evidence packs: EVIDENCE_SIGNING_KEY is not set here.</p>
    );
  const href = `/api/v1/workspaces/${slug}/evidence-pack`;
  return <PackButtons pdfHref={`${href}?format=pdf`} jsonHref={`${href}?format=json`} />;
}

function auditLogHref({ slug, role }: Membership): string | null {
  return hasRole(role, 'admin') ? `/w/${slug}/audit-log?type=github.token_minted` : null;
}
