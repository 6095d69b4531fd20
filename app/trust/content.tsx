import type { ReactNode } from 'react';
import { orNotNow } from '@/app/page-reads';
import { PageHeader } from '@/components/shell/page-header';
import { ClaimLegend, ClaimList } from '@/components/trust/claim-list';
import { DataFlow } from '@/components/trust/data-flow';
import { AppCard, NoWorkspaceCard, StoredCard, WorkspaceCard } from '@/components/trust/evidence-cards';
import { OperatorFactsCard } from '@/components/trust/operator-facts';
import { SixQuestions } from '@/components/trust/six-questions';
import { Section } from '@/components/ui/section';
import { Time } from '@/components/ui/time';
import { getConfig } from '@/lib/config';
import { answers } from '@/lib/trust/answers';
import { claimGroups } from '@/lib/trust/claims';
import { DOCUMENTS } from '@/lib/trust/documents';
import { readAppEvidence, readWorkspaceEvidence } from '@/lib/trust/evidence';
import { operatorFacts } from '@/lib/trust/operator-facts';
import { readStoredData } from '@/lib/trust/stored-data';
import { VERSION } from '@/lib/version';

export const TRUST_DESCRIPTION =
  'What PulseStream can do with your code, what it stores, and how you check both.';

const link = 'text-accent underline underline-offset-4';

type TrustContentProps = {
  /** The workspace whose evidence the reader may see. */
  workspace: { id: string; name: string; logSlug: string | null } | null;
  /** Shown beside the title. */
  actions: ReactNode;
};

/** The claims with their evidence, read now. Anybody may read all of it but the evidence about a workspace. */
export async function TrustContent({ workspace, actions }: TrustContentProps) {
  const config = getConfig();
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
    <>
      <PageHeader
        title="Trust"
        description={
          <>
            {TRUST_DESCRIPTION} Version {VERSION}, checked{' '}
            <Time value={new Date().toISOString()} format="absolute" />.
          </>
        }
        actions={actions}
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
            <WorkspaceCard name={workspace.name} {...evidence} logSlug={workspace.logSlug} />
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
    </>
  );
}
