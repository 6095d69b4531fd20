import type { MintingStopView } from '@/lib/contract/minting-stop';
import { Alert } from '../ui/alert';
import { Time } from '../ui/time';
import { UntrustedText } from '../ui/untrusted-text';

/** Says that the operator has stopped issuing tokens, and why. */
export function MintingStopped({ stops }: { stops: readonly MintingStopView[] }) {
  return stops.map(({ scope, reason, stopped_at, api_key }) => (
    <Alert key={`${scope} ${api_key?.id}`} tone="danger" title={<Title scope={scope} api_key={api_key} />}>
      The operator stopped them <Time value={stopped_at} />. Reason: <UntrustedText>{reason}</UntrustedText>
      <br />
      Requests get <code className="font-mono text-13">503 minting_stopped</code> until the operator starts
      again. Your connections{scope === 'api_key' ? ', other keys' : ', keys'} and repositories stay as they
      are, and there is nothing for you to do.
    </Alert>
  ));
}

function Title({ scope, api_key }: Pick<MintingStopView, 'scope' | 'api_key'>) {
  switch (scope) {
    case 'everything':
      return 'No tokens are issued at the moment';
    case 'workspace':
      return 'No tokens are issued for this workspace at the moment';
    case 'api_key':
      return (
        <>
          No tokens are issued for the API key <UntrustedText>{api_key?.name ?? ''}</UntrustedText> at the
          moment
        </>
      );
    default:
      return scope satisfies never;
  }
}
