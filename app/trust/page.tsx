import type { Metadata } from 'next';
import { orNotNow } from '@/app/page-reads';
import type { SearchParams } from '@/app/request';
import { PublicPage, readVisitor } from '@/app/site-headers';
import { PageHeader } from '@/components/shell/page-header';
import { ClaimList } from '@/components/trust/claim-list';
import { AppCard, NoWorkspaceCard, StoredCard, WorkspaceCard } from '@/components/trust/evidence-cards';
import { Section } from '@/components/ui/section';
import type { Membership } from '@/lib/auth/session';
import { getConfig } from '@/lib/config';
import { hasRole } from '@/lib/contract/members';
import type { DOCUMENTS } from '@/lib/trust/documents';
import { readAppEvidence, readWorkspaceEvidence } from '@/lib/trust/evidence';
import { readStoredData } from '@/lib/trust/stored-data';
import { claimGroups } from './claims';

export const metadata: Metadata = {
  title: 'Trust',
  description: 'What we promise about your code, each promise with its evidence here and now.',
};

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

  return (
    <PublicPage visitor={visitor} className="flex max-w-4xl flex-col gap-8 pt-8 pb-20 sm:pt-10">
      <PageHeader
        title="Trust"
        description="What we promise about your code, the evidence for each promise, and its limits."
      />
      <Section id="evidence" title="Evidence, here and now">
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
      <ClaimList
        groups={claimGroups({
          config,
          workspace: evidence,
          permissions: app?.info.permissions ?? null,
          stored,
        })}
      />
      <Section id="stored" title="What is stored, column by column">
        <StoredCard tables={stored.tables} secretSounding={stored.secretSounding} />
      </Section>
      <p className="text-[13px] text-muted leading-relaxed">
        The source has the proofs: <Document name="claims" /> names for each promise the code that makes it
        true and the test that fails when it stops being true; <Document name="threat-model" /> says what we
        defend against; <Document name="audit-chain" /> how to verify an export without us. The{' '}
        <a href="/docs/api" className={link}>
          API reference
        </a>{' '}
        lists all that can be asked of this service.
      </p>
    </PublicPage>
  );
}

/** Links to the plain-text copy of a document that this version of the app serves. */
function Document({ name }: { name: (typeof DOCUMENTS)[number] }) {
  return (
    <a href={`/docs/${name}`} className={link}>
      docs/{name}.md
    </a>
  );
}

function auditLogHref({ slug, role }: Membership): string | null {
  return hasRole(role, 'admin') ? `/w/${slug}/audit-log?type=github.token_minted` : null;
}
