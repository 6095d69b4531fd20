import type { TrustRule } from '@/lib/contract/trust-rules';
import { CredentialFacts } from '../credentials/facts';
import type { CredentialState } from '../credentials/state';
import type { Links } from '../objects/links';
import { DemandsShown } from './demands-shown';

type RuleFactsProps = { rule: TrustRule; state: CredentialState; links: Links };

/** Shows everything about a rule: what it trusts, what that may read, and how it was used. */
export function RuleFacts({ rule, state, links }: RuleFactsProps) {
  const claims = Object.entries(rule.claims).map(([name, value]) => [name, String(value)]);
  const trusts = (
    <section aria-label="What it trusts" className="border-b p-5 sm:p-6">
      <DemandsShown issuer={rule.issuer} subject={rule.subject} claims={Object.fromEntries(claims)} />
    </section>
  );
  return <CredentialFacts credential={rule} state={state} links={links} head={trusts} />;
}
