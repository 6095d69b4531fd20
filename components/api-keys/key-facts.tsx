import type { ReactNode } from 'react';
import type { ApiKey } from '@/lib/contract/api-keys';
import { Card } from '../ui/card';
import { Expiry, Time } from '../ui/time';
import { UntrustedText } from '../ui/untrusted-text';
import { KeyRepositories } from './key-repositories';
import { KeyBadge, type KeyState, keyStateView } from './key-status';

/** All that is known of a key, but the key. */
export function KeyFacts({ apiKey, state }: { apiKey: ApiKey; state: KeyState }) {
  const { display_prefix, repositories, created_by, created_at, expires_at, last_used_at, revoked_at } =
    apiKey;
  const { meaning } = keyStateView(state);
  return (
    <Card>
      <dl className="grid grid-cols-1 gap-x-6 gap-y-4 p-5 text-sm sm:grid-cols-2 sm:p-6">
        <Fact term="Status">
          <KeyBadge state={state} />
        </Fact>
        <Fact term="Begins with">
          <code className="font-mono text-[13px]">{display_prefix}…</code>
        </Fact>
        <Fact term="May read">
          <KeyRepositories repositories={repositories} all />
        </Fact>
        <Fact term="Created">
          <Time value={created_at} /> by{' '}
          {created_by === null ? 'the operator' : <UntrustedText>{created_by}</UntrustedText>}
        </Fact>
        <Fact term="Last used">{last_used_at ? <Time value={last_used_at} /> : 'Never'}</Fact>
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
      {meaning ? <p className="border-t px-5 py-3 text-[13px] text-muted sm:px-6">{meaning}</p> : null}
    </Card>
  );
}

function Fact({ term, children }: { term: string; children: ReactNode }) {
  return (
    <div className="min-w-0">
      <dt className="text-[13px] text-muted">{term}</dt>
      <dd className="wrap-anywhere mt-1">{children}</dd>
    </div>
  );
}
