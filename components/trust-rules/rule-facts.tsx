import type { TrustRule } from '@/lib/contract/trust-rules';
import { CredentialFacts } from '../credentials/facts';
import type { CredentialState } from '../credentials/state';
import { DemandsShown } from './demands-shown';

/** Shows everything about a rule: what it trusts, what that may read, and how it was used. */
export function RuleFacts({ rule, state }: { rule: TrustRule; state: CredentialState }) {
  const claims = Object.entries(rule.claims).map(([name, value]) => [name, String(value)]);
  const trusts = (
    <section aria-label="What it trusts" className="border-b p-5 sm:p-6">
      <DemandsShown issuer={rule.issuer} subject={rule.subject} claims={Object.fromEntries(claims)} />
    </section>
  );
  return <CredentialFacts credential={rule} state={state} head={trusts} />;
}
