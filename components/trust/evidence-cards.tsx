import type { ReactNode } from 'react';
import { auditLogHref } from '@/lib/contract/audit-log-href';
import { counted } from '@/lib/contract/counted';
import type { WorkspaceEvidence } from '@/lib/trust/evidence';
import type { StoredData } from '@/lib/trust/stored-data';
import { Badge } from '../ui/badge';
import { Card } from '../ui/card';
import { CopyButton } from '../ui/copy-button';
import { Time } from '../ui/time';
import { UntrustedText } from '../ui/untrusted-text';

type AppCardProps = {
  id: number;
  environment: string;
  /** The App's permissions according to GitHub's latest response; `null` if GitHub hasn't responded yet. */
  reported: { permissions: Record<string, string>; asOf: string } | null;
};

/** Shows this environment's App with the permissions that GitHub reports for it. */
export function AppCard({ id, environment, reported }: AppCardProps) {
  return (
    <EvidenceCard title="The App, as GitHub reports it">
      <Fact term="App id">
        <code className="font-mono text-13">{id}</code> ({environment})
      </Fact>
      <Fact term="Permissions">
        {reported === null ? (
          'GitHub does not respond now. Reload in a minute.'
        ) : (
          <>
            <ul className="flex flex-wrap gap-1.5">
              {Object.entries(reported.permissions).map(([name, access]) => (
                <li key={name}>
                  <Badge tone={isPromised(name, access) ? 'success' : 'warning'}>
                    {name}: {access}
                  </Badge>
                </li>
              ))}
            </ul>
            <span className="mt-1.5 block text-13 text-muted">
              Reported by GitHub, <Time value={reported.asOf} format="absolute" />.
              {isJustThePromised(reported.permissions)
                ? ' No other permissions.'
                : ' Tokens carry contents: read and metadata: read only, whatever else the App was granted.'}
            </span>
          </>
        )}
      </Fact>
    </EvidenceCard>
  );
}

function isJustThePromised(permissions: Record<string, string>): boolean {
  const reported = Object.entries(permissions);
  return reported.length === 2 && reported.every(([name, access]) => isPromised(name, access));
}

function isPromised(name: string, access: string): boolean {
  return (name === 'contents' || name === 'metadata') && access === 'read';
}

type WorkspaceCardProps = WorkspaceEvidence & {
  /** The first counted day, in UTC: `2026-11-24`. */
  since: string;
  name: string;
  /** The workspace's slug; `null` if the user isn't allowed to open its audit log. */
  logSlug: string | null;
};

/** The types of events that the card counts. */
const COUNTED_TYPES = 'github.token_minted,github.token_denied';

export function WorkspaceCard(props: WorkspaceCardProps) {
  const { name, minted, denied, days, since, partial, chain, logSlug } = props;
  const n = (value: number) => value.toLocaleString('en');
  return (
    <EvidenceCard
      title={
        <>
          Your workspace <UntrustedText>{name}</UntrustedText>
        </>
      }
    >
      <Fact term={days === 1 ? 'Tokens today, in UTC' : `Tokens in the last ${days} days`}>
        <span className="tabular-nums">
          {partial ? 'at least ' : ''}
          {n(minted)} issued, {n(denied)} refused
        </span>
        {logSlug ? (
          <a
            href={auditLogHref(logSlug, { type: COUNTED_TYPES, from: since })}
            className="ml-2 text-accent underline-offset-4 hover:underline"
          >
            See each
          </a>
        ) : null}
      </Fact>
      <Fact term={`Head of the audit chain, after ${counted(chain.events, 'event')}`}>
        <span className="flex min-w-0 items-start gap-1">
          <code className="wrap-anywhere min-w-0 font-mono text-xs leading-relaxed">{chain.headHash}</code>
          <CopyButton value={chain.headHash} label="the head hash" />
        </span>
      </Fact>
      {chain.firstBad === null ? null : (
        <Fact term="Verification, just now">
          <Badge tone="danger">The chain is broken at event {n(chain.firstBad)}</Badge>
        </Fact>
      )}
    </EvidenceCard>
  );
}

/** Shown instead of `WorkspaceCard` to visitors who aren't members of the workspace. */
export function NoWorkspaceCard() {
  return (
    <EvidenceCard title="Your workspace">
      <p className="text-muted text-sm leading-relaxed">
        Members see here how many tokens were issued in the last 30 days, and the head of their audit chain.
      </p>
    </EvidenceCard>
  );
}

/**
 * Lists the columns that we declare to hold data from GitHub. The declaration is compared with the database's
 * catalogue, so an undeclared column doesn't go unnoticed.
 */
export function StoredCard({ tables, secretSounding }: Pick<StoredData, 'tables' | 'secretSounding'>) {
  return (
    <EvidenceCard title="Columns that hold data from GitHub">
      <div className="grid grid-cols-1 gap-x-8 gap-y-3 sm:grid-cols-2">
        {tables.map(({ name, columns }) => (
          <Fact key={name} term={<code className="font-mono">{name}</code>}>
            <code className="wrap-anywhere font-mono text-xs leading-relaxed">{columns.join(', ')}</code>
          </Fact>
        ))}
      </div>
      <p className="text-13 text-muted leading-relaxed">
        Checked against the live database schema just now. Columns named like a token, secret or password:{' '}
        {secretSounding.length === 0 ? (
          'none.'
        ) : (
          <code className="font-mono text-foreground text-xs">{secretSounding.join(', ')}</code>
        )}
      </p>
    </EvidenceCard>
  );
}

function EvidenceCard({ title, children }: { title: ReactNode; children: ReactNode }) {
  return (
    <Card className="p-5 sm:p-6">
      <h3 className="mb-4 font-semibold text-15 tracking-tight">{title}</h3>
      <div className="grid grid-cols-1 gap-4">{children}</div>
    </Card>
  );
}

function Fact({ term, children }: { term: ReactNode; children: ReactNode }) {
  return (
    <div className="min-w-0 text-sm">
      <p className="mb-1 text-13 text-muted">{term}</p>
      <div className="min-w-0">{children}</div>
    </div>
  );
}
