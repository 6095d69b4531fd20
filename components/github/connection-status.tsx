import { CircleCheck, CirclePause, CircleSlash, Clock, type LucideIcon } from 'lucide-react';
import { counted } from '@/lib/contract/counted';
import { causeRow, isGitHubCause } from '@/lib/contract/github-causes';
import type { InstallationStatus } from '@/lib/contract/installation';
import type { InstallationView } from '@/lib/installation/list';
import { Badge, type Tone } from '../ui/badge';
import { Time } from '../ui/time';

export type ConnectionStatus = InstallationStatus | 'waiting_for_approval' | 'approved';

type StatusView = { label: string; tone: Tone; icon: LucideIcon; meaning: string | null };

/**
 * Returns a status's badge and a human-readable explanation. The switch is exhaustive, so a new status without a case
 * doesn't compile.
 */
export function statusView(status: ConnectionStatus): StatusView {
  switch (status) {
    case 'active':
      return { label: 'Active', tone: 'success', icon: CircleCheck, meaning: null };
    case 'suspended':
      return {
        label: 'Suspended',
        tone: 'warning',
        icon: CirclePause,
        meaning:
          'No tokens are issued while the installation is suspended. An owner can unsuspend it on GitHub.',
      };
    case 'deleted':
      return {
        label: 'Disconnected',
        tone: 'neutral',
        icon: CircleSlash,
        meaning: 'Disconnected. Reinstall the app to connect again.',
      };
    case 'waiting_for_approval':
      return {
        label: 'Waiting for approval',
        tone: 'info',
        icon: Clock,
        meaning:
          'An organization owner must approve the request on GitHub, under Settings › GitHub Apps. This page updates automatically. GitHub doesn’t notify us if the request is denied; dismiss it here and try again.',
      };
    case 'approved':
      return {
        label: 'Approved',
        tone: 'success',
        icon: CircleCheck,
        meaning: 'An owner approved the app. One step is left: confirm on GitHub that you may connect it.',
      };
    default:
      return status satisfies never;
  }
}

export function StatusBadge({ status }: { status: ConnectionStatus }) {
  const { label, tone, icon: Icon } = statusView(status);
  return (
    <Badge tone={tone}>
      <Icon aria-hidden />
      {label}
    </Badge>
  );
}

/**
 * Shown for the sync error `end_seen`, a code of our own rather than one of GitHub's causes. It means that we've seen a
 * first sign of an uninstall, and GitHub must still confirm it.
 */
const END_SEEN =
  'GitHub doesn’t list this installation at the moment, so no tokens are issued. We’re checking whether it was uninstalled.';

const MINUTE_MS = 60_000;

type SyncProblemProps = {
  /** An installation whose last sync failed or skipped repositories. */
  installation: InstallationView;
  /** The IP addresses that we call GitHub from. A customer with an IP allow list on GitHub must add them to it. */
  ourAddresses: readonly string[];
};

/** Explains a failed sync: its cause, what to do, how old the data on the page is, and when we'll try again. */
export function SyncProblem({ installation, ourAddresses }: SyncProblemProps) {
  const { sync_error, last_checked_at, next_check_at, skipped_count } = installation;
  if (sync_error === null) return skipped(skipped_count);
  const isLater = next_check_at !== null && Date.parse(next_check_at) - Date.now() > MINUTE_MS;
  return (
    <>
      {explain(sync_error, ourAddresses)}{' '}
      {last_checked_at === null ? (
        'This page may be out of date.'
      ) : (
        <>
          Last updated <Time value={last_checked_at} />.
        </>
      )}{' '}
      {isLater ? (
        <>
          Next sync <Time value={next_check_at} />.
        </>
      ) : (
        'We’ll try again at the next check.'
      )}
    </>
  );
}

function explain(code: string, ourAddresses: readonly string[]): string {
  if (code === 'end_seen') return END_SEEN;
  if (code === 'minting_stopped') return 'The operator has stopped issuing tokens, so the last sync failed.';
  if (!isGitHubCause(code)) return 'The last sync failed.';
  const { sentence, nextStep, fault, isRetryable } = causeRow(code);
  // If we retry by ourselves and the customer isn't at fault, there is nothing for the user to do, so omit the next
  // step.
  const says = isRetryable && fault !== 'customer' ? [sentence] : [sentence, nextStep];
  if (code === 'ip_allow_list' && ourAddresses.length > 0)
    says.push(`Our addresses: ${ourAddresses.join(', ')}.`);
  return says.join(' ');
}

/** Says how many shared repositories the sync skipped, because we couldn't parse GitHub's data about them. */
function skipped(count: number): string {
  const what = counted(count, 'repository', 'repositories');
  const [are, them] = count === 1 ? ['it is', 'it'] : ['they are', 'them'];
  return `${what} could not be read, so ${are} missing here or out of date. GitHub’s data about ${them} wasn’t understood. Sync again later. If this continues, contact support.`;
}
