import { causeRow } from '../contract/github-causes';
import { log } from '../observability/log';
import { metrics } from '../observability/metrics';
import { GitHubError } from './error';

/**
 * Counts what became of a call and logs a refusal by its cause, in one place for all who ask. Only a fault of the
 * operator is an error, and so an alarm. GitHub's words are for the log alone.
 *
 * @param asked whether the call left this process
 */
export function noteOutcome(route: string, asked: boolean, error?: unknown): void {
  const outcome =
    error === undefined ? 'ok' : error instanceof GitHubError ? error.kind : ('unexpected' as const);
  metrics.githubCalls.inc({ route, outcome, asked: asked ? 'yes' : 'no' });
  if (!(error instanceof GitHubError)) return;
  const { fault, level } = causeRow(error.reason);
  metrics.githubRefusals.inc({ cause: error.reason, fault });
  const { reason, status, retryAfterSeconds, details } = error;
  // A call that GitHub was spared tells nothing new.
  if (!asked && fault !== 'operator') return;
  log[level](
    { cause: reason, fault, route, status, retryAfterSeconds, words: details.words },
    fault === 'operator'
      ? 'GitHub refuses this App, or cannot be reached from here: the operator has to act'
      : 'GitHub did not do what was asked',
  );
}
