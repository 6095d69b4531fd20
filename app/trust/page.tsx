import type { Metadata } from 'next';
import { orNotNow } from '@/app/not-now';
import { PublicHeader, readVisitor } from '@/app/public-header';
import type { SearchParams } from '@/app/search-params';
import { PageHeader } from '@/components/shell/page-header';
import { ClaimList } from '@/components/trust/claim-list';
import { AppCard, NoWorkspaceCard, StoredCard, WorkspaceCard } from '@/components/trust/evidence-cards';
import type { Membership } from '@/lib/auth/membership';
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

/** For everybody. Whoever is signed in sees the evidence of a workspace of theirs. */
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
    <>
      <PublicHeader visitor={visitor} />
      <main
        id="content"
        tabIndex={-1}
        className="mx-auto flex max-w-4xl flex-col gap-8 px-4 pt-8 pb-20 outline-none sm:pt-10"
      >
        <PageHeader
          title="Trust"
          description="What we promise about your code, the evidence for each promise, and its limits."
        />
        <section aria-labelledby="evidence">
          <h2 id="evidence" className="mb-3 font-semibold text-lg tracking-tight">
            Evidence, here and now
          </h2>
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
        </section>
        <ClaimList
          groups={claimGroups({
            config,
            workspace: evidence,
            permissions: app?.info.permissions ?? null,
            stored,
          })}
        />
        <section aria-labelledby="stored">
          <h2 id="stored" className="mb-3 font-semibold text-lg tracking-tight">
            What is stored, column by column
          </h2>
          <StoredCard tables={stored.tables} secretSounding={stored.secretSounding} />
        </section>
        <p className="text-[13px] text-muted leading-relaxed">
          The source has the proofs: <Document name="claims" /> names for each promise the code that makes it
          true and the test that fails when it stops being true; <Document name="threat-model" /> says what we
          defend against; <Document name="audit-chain" /> how to verify an export without us. The{' '}
          <a href="/docs/api" className={link}>
            API reference
          </a>{' '}
          lists all that can be asked of this service.
        </p>
      </main>
    </>
  );
}

/** The document of this very version, as text. */
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
