import { Time } from '../ui/time';
import type { ConnectedInstallation } from './connection';

/** Why GitHub could not be asked the last time, by its code. */
const CAUSES: Record<string, string> = {
  rate_limited: 'GitHub has asked us to wait: its rate limit is used up.',
  github_unavailable: 'GitHub could not be reached.',
  github_error: 'GitHub refused to tell. If it lasts, check the installation on GitHub.',
  audit_unavailable: 'The last sync could not be recorded, so it was not done.',
};

const MINUTE_MS = 60_000;

/** What went wrong, since when the page may be out of date, and when we ask again: we back off, and do not give up. */
export function SyncProblem({ installation }: { installation: ConnectedInstallation }) {
  const { sync_error, last_checked_at, next_check_at } = installation;
  const isLater = next_check_at !== null && Date.parse(next_check_at) - Date.now() > MINUTE_MS;
  return (
    <>
      {CAUSES[sync_error ?? ''] ?? 'The last sync did not succeed.'} What you see{' '}
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
