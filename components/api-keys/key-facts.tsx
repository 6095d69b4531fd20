import type { ApiKey } from '@/lib/contract/api-keys';
import { CredentialFacts } from '../credentials/facts';
import type { CredentialState } from '../credentials/state';
import type { Links } from '../objects/links';
import { Alert } from '../ui/alert';
import { Fact } from '../ui/card';

/** How long after its last use a key counts as being in use. */
const IN_USE_MS = 30 * 86_400_000;

/** True for a live key that a service has used lately. */
export const isInUse = ({ status, last_used_at }: ApiKey, now: Date): boolean =>
  status === 'active' && last_used_at !== null && now.valueOf() - Date.parse(last_used_at) < IN_USE_MS;

/** The networks that a key can be used from: an empty list means every address. */
function KeyNetworks({ networks }: Pick<ApiKey, 'networks'>) {
  if (networks.length === 0) return <>Every address</>;
  return (
    <ul className="grid gap-0.5">
      {networks.map((network) => (
        <li key={network} className="font-mono text-13">
          {network}
        </li>
      ))}
    </ul>
  );
}

type KeyFactsProps = { apiKey: ApiKey; state: CredentialState; links: Links };

/** Shows everything about a key but its secret, which we can't show because only its hash is stored. */
export function KeyFacts({ apiKey, state, links }: KeyFactsProps) {
  const { display_prefix, networks } = apiKey;
  return (
    <CredentialFacts credential={apiKey} state={state} links={links}>
      <Fact term="Key">
        <code className="font-mono text-13">{display_prefix}…</code>
      </Fact>
      <Fact term="Networks">
        <KeyNetworks networks={networks} />
      </Fact>
    </CredentialFacts>
  );
}

/** Warns that the new key is shown only this once. */
export function NewKeyNotice() {
  return (
    <Alert live tone="success" title="Copy the key now">
      This is the only time that it is shown: we keep its SHA-256 and nothing else.
    </Alert>
  );
}
