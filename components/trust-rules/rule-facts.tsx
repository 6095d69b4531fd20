import type { TrustRule } from '@/lib/contract/trust-rules';
import { KeyBadge, KeyRepositories, type KeyState, keyState, LastUse } from '../api-keys/key-facts';
import { Card, Fact } from '../ui/card';
import { Expiry, Time } from '../ui/time';
import { UntrustedText } from '../ui/untrusted-text';
import { DemandsShown } from './demands-shown';

/** Returns a rule's state: its status, or `expiring` soon. A rule is never rotated, because it holds no secret. */
export const ruleState = (rule: TrustRule, now: Date): KeyState =>
  keyState(rule, { isRotated: false, areAllowed: true, now });

export const isEnded = (state: KeyState): boolean => state === 'revoked' || state === 'expired';

/** Shows everything about a rule: what it trusts, what that may read, and how it was used. */
export function RuleFacts({ rule, state }: { rule: TrustRule; state: KeyState }) {
  const { issuer, subject, claims, repositories, created_by, created_at, expires_at, revoked_at } = rule;
  return (
    <Card>
      <section aria-label="What it trusts" className="border-b p-5 sm:p-6">
        <DemandsShown
          issuer={issuer}
          subject={subject}
          claims={Object.fromEntries(Object.entries(claims).map(([name, value]) => [name, String(value)]))}
        />
      </section>
      <dl className="grid grid-cols-1 gap-x-6 gap-y-4 p-5 text-sm sm:grid-cols-2 sm:p-6">
        <Fact term="Status">
          <KeyBadge state={state} />
        </Fact>
        <Fact term="Repositories">
          <KeyRepositories repositories={repositories} all />
        </Fact>
        <Fact term="Created">
          <Time value={created_at} /> by{' '}
          {created_by === null ? 'the operator' : <UntrustedText>{created_by}</UntrustedText>}
        </Fact>
        <Fact term="Last used">
          <LastUse {...rule} />
        </Fact>
        {revoked_at === null ? (
          <Fact term={state === 'expired' ? 'Expired' : 'Expires'}>
            {expires_at ? <Expiry value={expires_at} /> : 'Never'}
          </Fact>
        ) : (
          <Fact term="Revoked">
            <Time value={revoked_at} />
          </Fact>
        )}
      </dl>
    </Card>
  );
}
