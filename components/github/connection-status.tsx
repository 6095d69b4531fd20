import { CircleCheck, CirclePause, CircleSlash, Clock, type LucideIcon } from 'lucide-react';
import { causeRow, isGitHubCause } from '@/lib/contract/github-causes';
import type { InstallationStatus } from '@/lib/contract/installation';
import type { InstallationView } from '@/lib/installation/list';
import { Badge, type Tone } from '../ui/badge';
import { Time } from '../ui/time';

export type ConnectionStatus = InstallationStatus | 'waiting_for_approval' | 'approved';

type StatusView = { label: string; tone: Tone; icon: LucideIcon; meaning: string | null };

/**
 * Returns how the page shows a status, and what the status means in words. The compiler reports any status that has no
 * case here.
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
          'No token is issued while the installation is suspended. An owner can unsuspend it on GitHub.',
      };
    case 'deleted':
      return {
        label: 'Disconnected',
        tone: 'neutral',
        icon: CircleSlash,
        meaning:
          'This connection has ended. No token can be issued for it again; connecting again makes a new installation.',
      };
    case 'waiting_for_approval':
      return {
        label: 'Waiting for approval',
        tone: 'info',
        icon: Clock,
        meaning:
          'An owner of the organization has to approve the request on GitHub, under Settings › GitHub Apps. This page notices by itself. GitHub tells nobody when a request is denied: then dismiss it here and ask again.',
      };
    case 'approved':
      return {
        label: 'Approved',
        tone: 'success',
        icon: CircleCheck,
        meaning:
          'An owner has approved the App. One step is left: GitHub asks once whether the installation is yours to connect.',
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
 * The text for the sync error `end_seen`, a code of our own rather than one of GitHub's causes. The app has seen the
 * first sign that the installation was removed, and is waiting for GitHub to confirm it.
 */
const END_SEEN =
  'GitHub does not show this installation at the moment, so no tokens are issued. We are checking whether it was uninstalled.';

const MINUTE_MS = 60_000;

type SyncProblemProps = {
  /** An installation whose last sync failed or skipped repositories. */
  installation: InstallationView;
  /** The IP addresses from which we send requests to GitHub. A customer may have to add them to an IP allow list. */
  ourAddresses: readonly string[];
};

/** Explains a failed sync: the cause, what to do, how old the shown data is, and when we check next. */
export function SyncProblem({ installation, ourAddresses }: SyncProblemProps) {
  const { sync_error, last_checked_at, next_check_at, skipped_count } = installation;
  if (sync_error === null) return skipped(skipped_count);
  const isLater = next_check_at !== null && Date.parse(next_check_at) - Date.now() > MINUTE_MS;
  return (
    <>
      {explain(sync_error, ourAddresses)} What you see{' '}
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
  // If we retry and the cause is not on the customer's side, the reader need not do anything.
  const says = isRetryable && fault !== 'customer' ? [sentence] : [sentence, nextStep];
  if (code === 'ip_allow_list' && ourAddresses.length > 0)
    says.push(`Our addresses: ${ourAddresses.join(', ')}.`);
  return says.join(' ');
}

/** States how many shared repositories a sync has skipped because their data from GitHub could not be parsed. */
function skipped(count: number): string {
  const [what, are, them] =
    count === 1
      ? ['1 repository', 'it is', 'it']
      : [`${count.toLocaleString('en')} repositories`, 'they are', 'them'];
  return `${what} could not be read, so ${are} missing here or out of date. GitHub described ${them} in a way that we do not understand. Sync again later. If it lasts, contact support.`;
}
