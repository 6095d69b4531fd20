import { Plus, ShieldCheck } from 'lucide-react';
import { counted } from '@/lib/contract/counted';
import type { CredentialSort } from '@/lib/contract/sort';
import type { TrustRule } from '@/lib/contract/trust-rules';
import { CredentialList } from '../credentials/list';
import { ruleState } from '../credentials/state';
import type { Links } from '../objects/links';
import { ButtonLink } from '../ui/button-link';
import { Card } from '../ui/card';
import { EmptyState } from '../ui/empty-state';
import { Link } from '../ui/link';
import type { Sorting } from '../ui/sort';
import { UntrustedText } from '../ui/untrusted-text';
import { workloadOf } from './rule-in-words';

type RuleListProps = {
  rules: TrustRule[];
  /** The path of this list. A rule's page is at `${basePath}/${id}`. */
  basePath: string;
  /** The query parameters that the list keeps. */
  kept: Readonly<Record<string, string | null | undefined>>;
  sorting: Sorting<CredentialSort>;
  links: Links;
};

export function RuleList({ rules, basePath, ...list }: RuleListProps) {
  const now = new Date();
  const items = rules.map((rule) => ({
    credential: rule,
    state: ruleState(rule, now),
    href: `${basePath}/${rule.id}`,
    about: <Demanded rule={rule} />,
  }));
  return <CredentialList label="Trust rules" path={basePath} items={items} {...list} />;
}

function Demanded({ rule: { issuer, subject, claims } }: { rule: TrustRule }) {
  const further = Object.keys(claims).length;
  return (
    <>
      <UntrustedText className="block text-13">{workloadOf(subject).words}</UntrustedText>
      <span className="block text-13 text-muted">
        <UntrustedText>{issuer.replace(/^https?:\/\//, '')}</UntrustedText>
        {further === 0 ? null : ` · ${counted(further, 'further claim')}`}
      </span>
    </>
  );
}

/** @param props.createHref omitted if no issuer is configured, so no rule can be created */
export function NoRules({ createHref, referenceHref }: { createHref: string | null; referenceHref: string }) {
  return (
    <Card>
      <EmptyState
        icon={ShieldCheck}
        title="No trust rules yet"
        actions={
          createHref === null ? null : (
            <ButtonLink variant="primary" size="sm" href={createHref}>
              <Plus aria-hidden />
              Create trust rule
            </ButtonLink>
          )
        }
      >
        A trust rule lets a workflow or service get read-only, one-hour GitHub tokens with the identity token
        that its platform issues to it. There is no key to store, rotate or leak.{' '}
        <Link href={referenceHref} className="text-accent underline underline-offset-4 hover:no-underline">
          Read how it works
        </Link>
      </EmptyState>
    </Card>
  );
}
