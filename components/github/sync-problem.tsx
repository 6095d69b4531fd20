import { causeRow, isGitHubCause } from '@/lib/contract/github-causes';
import { Time } from '../ui/time';
import type { ConnectedInstallation } from './connection';

/** The one code that is ours: GitHub refused nothing, and a second answer is awaited. */
const END_SEEN =
  'GitHub does not show this installation at the moment, so no tokens are issued. We are checking whether it was uninstalled.';

const MINUTE_MS = 60_000;

type SyncProblemProps = {
  installation: ConnectedInstallation;
  /** From where we reach GitHub, as an IP allow list takes it. */
  ourAddresses: readonly string[];
};

/** What went wrong, what to do, since when the page may be out of date, and when we ask again. */
export function SyncProblem({ installation, ourAddresses }: SyncProblemProps) {
  const { sync_error, last_checked_at, next_check_at } = installation;
  const isLater = next_check_at !== null && Date.parse(next_check_at) - Date.now() > MINUTE_MS;
  return (
    <>
      {explain(sync_error ?? '', ourAddresses)} What you see{' '}
      {last_checked_at === null ? 'may be out of date' : 'was true '}
      {last_checked_at === null ? null : <Time value={last_checked_at} />}
      {isLater ? (
        <>
          ; we leave GitHub alone for now and ask again <Time value={next_check_at} />.
        </>
      ) : (
        '; we ask again with the next check.'
      )}
    </>
  );
}

function explain(code: string, ourAddresses: readonly string[]): string {
  if (code === 'end_seen') return END_SEEN;
  if (!isGitHubCause(code)) return 'The last sync did not succeed.';
  const { sentence, nextStep, fault, isRetryable } = causeRow(code);
  // What passes by itself, and what we retry, is nothing to do for the reader.
  const says = isRetryable && fault !== 'customer' ? [sentence] : [sentence, nextStep];
  if (code === 'ip_allow_list' && ourAddresses.length > 0)
    says.push(`Our addresses: ${ourAddresses.join(', ')}.`);
  return says.join(' ');
}
