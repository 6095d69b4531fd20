import { causeRow, type GITHUB_CAUSES, type GitHubCause } from '../contract/github-causes';
import type { GitHubError } from '../github/errors';
import { type Finding, fail } from './check';

/** The causes that an operator has to fix. A new one without a step does not compile. */
type OperatorCause = {
  [Cause in GitHubCause]: (typeof GITHUB_CAUSES)[Cause]['fault'] extends 'operator' ? Cause : never;
}[GitHubCause];

const STEPS: Record<OperatorCause, string> = {
  moved: 'Set GITHUB_API_URL and GITHUB_WEB_URL to the addresses that GitHub redirects to.',
  proxy_refused: 'Let the proxy in HTTPS_PROXY pass connections to GitHub, or name its host in NO_PROXY.',
  signer_failed:
    'Allow this process kms:Sign on GITHUB_APP_KMS_KEY_ID, and check AWS region, credentials and endpoint.',
  app_unknown: 'Set GITHUB_APP_ID and GITHUB_APP_CLIENT_ID to those of the App at GITHUB_API_URL.',
  app_key_refused: 'Set a private key that the App’s settings on GitHub list.',
  app_clock_off: 'Synchronize this machine’s clock (NTP).',
  app_suspended: 'Ask GitHub’s support why the App is suspended.',
  app_credentials_refused: 'Set GITHUB_APP_CLIENT_ID and the private key to those of the same App.',
  oauth_client_refused:
    'Generate a client secret in the App’s settings on GitHub, and set GITHUB_APP_CLIENT_SECRET.',
  oauth_redirect_mismatch: 'Add NEXTAUTH_URL + /api/github/callback to the App’s callback URLs on GitHub.',
  oauth_request_refused: 'Compare the App’s settings on GitHub with the table in docs/operations.md.',
  account_suspended: 'Ask GitHub’s support why the account that owns the App is suspended.',
};

const isOperators = (cause: GitHubCause): cause is OperatorCause => Object.hasOwn(STEPS, cause);

/** The step for a cause that the operator cannot remove. */
const LATER =
  'Check GITHUB_API_URL, GITHUB_WEB_URL, HTTPS_PROXY and the firewall. If GitHub is down, wait and run the doctor again.';

/** Reports a rejection by its row in the table of causes. GitHub's own message stays in the log. */
export function refusedByGitHub({ reason, status, route }: GitHubError): Omit<Finding, 'id'> {
  const answer = status === null ? 'no response' : `status ${status}`;
  return fail(
    `${causeRow(reason).sentence} (${reason}: ${answer} to ${route})`,
    isOperators(reason) ? STEPS[reason] : LATER,
  );
}
