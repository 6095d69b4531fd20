/**
 * Lists every reason why GitHub, or a proxy in front of it, may reject a request. Each row says who can fix the
 * problem, and has texts for callers, pages and operators. `lib/github/recognise.ts` recognizes each cause by status
 * and message.
 */

/** The kind of failure. Callers treat all causes of the same kind alike. */
export type GitHubFailure =
  /** No response, or a 5xx. */
  | 'unavailable'
  /** GitHub's primary or secondary rate limit. */
  | 'rate_limited'
  | 'unauthorized'
  | 'suspended'
  | 'forbidden'
  /** An organization's policy rejects the request because of its IP address, or because of how the user signed in. */
  | 'blocked'
  | 'not_found'
  | 'invalid'
  /** An unexpected or unrecognized response. */
  | 'unexpected';

/** Codes from `lib/connect/outcomes.ts`. A connect attempt that fails for some cause ends with that cause's code. */
type ConnectFailure =
  | 'access_denied'
  | 'authorization_failed'
  | 'email_unverified'
  | 'github_account_suspended'
  | 'github_limited'
  | 'github_refused'
  | 'github_unavailable'
  | 'installation_not_found'
  | 'ip_allow_list'
  | 'our_app_refused'
  | 'permissions_missing'
  | 'saml_required'
  | 'suspended_on_github';

type Cause = {
  kind: GitHubFailure;
  /** The code in the API's problem response. */
  code: 'github_error' | 'github_unavailable' | 'installation_suspended' | 'repository_not_accessible';
  /** The party that has to fix the problem. If it's the operator, the app logs an alarm. */
  fault: 'customer' | 'operator' | 'github' | 'caller' | 'unknown';
  /** True if the same request may succeed later without anybody changing anything. */
  isRetryable: boolean;
  /** How long to wait if GitHub sends no `Retry-After`. */
  retryAfterSeconds?: number;
  /**
   * How the cause may change what we store about the customer. `suspends` marks the installation as suspended. `ends`
   * is the first of the two reports needed before the installation counts as deleted (docs/decisions/0009). `asks`
   * requests a sync.
   */
  effect: 'none' | 'suspends' | 'ends' | 'asks';
  level: 'info' | 'warn' | 'error';
  outcome: ConnectFailure;
  /** The text for pages and for a problem's `detail`. It never quotes GitHub's response. */
  sentence: string;
  nextStep: string;
};

const OPERATOR = {
  kind: 'unauthorized',
  code: 'github_error',
  fault: 'operator',
  isRetryable: false,
  retryAfterSeconds: 300,
  effect: 'none',
  level: 'error',
  outcome: 'our_app_refused',
  sentence: 'GitHub rejected our app. The problem is on our side.',
  nextStep: 'Our operators have been notified. Your connections haven’t changed.',
} as const satisfies Cause;

/** Temporary failures at GitHub or on the network. */
const PASSING = {
  kind: 'unavailable',
  code: 'github_unavailable',
  fault: 'github',
  isRetryable: true,
  retryAfterSeconds: 5,
  effect: 'none',
  level: 'warn',
  outcome: 'github_unavailable',
  sentence: 'GitHub could not be reached.',
  nextStep: 'Try again later.',
} as const satisfies Cause;

/**
 * Causes that the app doesn't recognize. We report them as unknown, because naming a known cause would be misleading.
 */
const UNRECOGNISED = {
  kind: 'unexpected',
  code: 'github_error',
  fault: 'unknown',
  isRetryable: true,
  effect: 'none',
  level: 'warn',
  outcome: 'github_refused',
  sentence: 'GitHub refused the request for an unknown reason.',
  nextStep: 'Try again later. If this continues, contact support.',
} as const satisfies Cause;

/** Causes that only the customer can fix, by changing something on GitHub. */
const CUSTOMER = {
  kind: 'blocked',
  code: 'github_error',
  fault: 'customer',
  isRetryable: false,
  retryAfterSeconds: 300,
  effect: 'none',
  level: 'warn',
  outcome: 'github_refused',
} as const;

/** Causes that waiting doesn't fix. The user has to start the connect flow again. */
const PERSON = {
  kind: 'unauthorized',
  code: 'github_error',
  fault: 'caller',
  isRetryable: false,
  effect: 'none',
  level: 'info',
} as const;

export const GITHUB_CAUSES = {
  github_unavailable: PASSING,
  github_maintenance: {
    ...PASSING,
    retryAfterSeconds: 60,
    sentence: 'GitHub is down for maintenance.',
    nextStep: 'Try again when maintenance is over.',
  },
  rate_limited: {
    ...PASSING,
    kind: 'rate_limited',
    retryAfterSeconds: 60,
    outcome: 'github_limited',
    sentence: 'GitHub rate limit reached.',
    nextStep: 'Try again later.',
  },
  github_error: UNRECOGNISED,
  not_github: {
    ...UNRECOGNISED,
    fault: 'unknown',
    sentence: 'The response didn’t come from GitHub.',
    nextStep: 'A proxy between us and GitHub answered instead. Try again later.',
  },
  unreadable_answer: {
    ...UNRECOGNISED,
    sentence: 'GitHub’s response couldn’t be read.',
    nextStep: 'Nothing has changed. Try again later.',
  },
  moved: {
    ...UNRECOGNISED,
    fault: 'operator',
    isRetryable: false,
    level: 'error',
    outcome: 'our_app_refused',
    sentence: 'GitHub redirected our request, and we do not follow redirects with credentials.',
    nextStep: 'Our operators have been notified. Your connections haven’t changed.',
  },
  proxy_refused: {
    ...OPERATOR,
    kind: 'unavailable',
    code: 'github_unavailable',
    retryAfterSeconds: 60,
    outcome: 'github_unavailable',
    sentence: 'Our connection to GitHub is blocked on our side.',
  },
  signer_failed: {
    ...OPERATOR,
    kind: 'unavailable',
    code: 'github_unavailable',
    retryAfterSeconds: 5,
    outcome: 'github_unavailable',
    sentence: 'We could not sign our request to GitHub.',
    nextStep: 'The problem is on our side. Try again later.',
  },
  app_unknown: OPERATOR,
  app_key_refused: OPERATOR,
  app_clock_off: OPERATOR,
  app_suspended: { ...OPERATOR, sentence: 'GitHub has suspended our app. The problem is on our side.' },
  app_credentials_refused: OPERATOR,
  oauth_client_refused: OPERATOR,
  oauth_redirect_mismatch: OPERATOR,
  oauth_request_refused: OPERATOR,
  account_suspended: {
    ...OPERATOR,
    kind: 'blocked',
    sentence: 'GitHub has suspended an account this request needs: the app owner’s, or yours.',
    nextStep: 'Sign in to GitHub to check your account. Our operators have been notified.',
  },
  user_suspended: {
    ...CUSTOMER,
    level: 'info',
    outcome: 'github_account_suspended',
    sentence: 'GitHub has suspended your account there.',
    nextStep: 'Ask GitHub Support to reinstate it, or connect with another account.',
  },
  installation_suspended: {
    ...CUSTOMER,
    kind: 'suspended',
    code: 'installation_suspended',
    effect: 'suspends',
    level: 'info',
    outcome: 'suspended_on_github',
    sentence: 'The installation is suspended on GitHub.',
    nextStep: 'Unsuspend it in the app’s settings on GitHub.',
  },
  not_found: {
    ...CUSTOMER,
    kind: 'not_found',
    fault: 'unknown',
    effect: 'ends',
    retryAfterSeconds: 10,
    isRetryable: true,
    outcome: 'installation_not_found',
    sentence: 'GitHub couldn’t find the installation or repository.',
    nextStep: 'Check that the app is still installed, then try again.',
  },
  permissions_not_granted: {
    ...CUSTOMER,
    kind: 'invalid',
    outcome: 'permissions_missing',
    sentence: 'The account hasn’t granted the app a permission it needs: “Contents: read-only”.',
    nextStep:
      'Ask an owner of the account to accept it in the app’s settings on GitHub. Retrying fails until then.',
  },
  resource_not_accessible: {
    ...CUSTOMER,
    kind: 'forbidden',
    outcome: 'permissions_missing',
    sentence: 'The app doesn’t have the permission for this on GitHub.',
    nextStep:
      'Ask an owner of the account to review the app’s permissions on GitHub. Retrying fails until then.',
  },
  repositories_not_accessible: {
    ...CUSTOMER,
    kind: 'invalid',
    code: 'repository_not_accessible',
    effect: 'asks',
    level: 'info',
    sentence: 'Some of these repositories are no longer shared on GitHub.',
    nextStep: 'Select them in the app’s settings on GitHub, then sync.',
  },
  repository_blocked: {
    ...CUSTOMER,
    sentence: 'GitHub has blocked access to the repository, for legal reasons or by its terms.',
    nextStep: 'Contact GitHub Support.',
  },
  ip_allow_list: {
    ...CUSTOMER,
    outcome: 'ip_allow_list',
    sentence: 'The organization’s IP allow list blocks our addresses.',
    nextStep: 'Ask an organization owner to add our addresses to its IP allow list on GitHub.',
  },
  saml_required: {
    ...CUSTOMER,
    level: 'info',
    outcome: 'saml_required',
    sentence: 'The organization requires single sign-on (SAML).',
    nextStep: 'Sign in to it on GitHub, then try again.',
  },
  token_refused: {
    ...CUSTOMER,
    kind: 'unauthorized',
    fault: 'unknown',
    isRetryable: true,
    retryAfterSeconds: 10,
    sentence: 'GitHub doesn’t accept the token: it is too new, revoked or expired.',
    nextStep: 'Try again.',
  },
  code_refused: {
    ...PERSON,
    outcome: 'authorization_failed',
    sentence: 'The authorization code was already used, has expired, or isn’t for this app.',
    nextStep: 'Start again.',
  },
  email_unverified: {
    ...PERSON,
    outcome: 'email_unverified',
    sentence: 'Your GitHub account has no verified primary email address.',
    nextStep: 'Verify it in your GitHub settings, then try again.',
  },
  authorization_denied: {
    ...PERSON,
    outcome: 'access_denied',
    sentence: 'The authorization was cancelled on GitHub.',
    nextStep: 'Start again and choose “Authorize”.',
  },
} as const satisfies Record<string, Cause>;

export type GitHubCause = keyof typeof GITHUB_CAUSES;

export function isGitHubCause(value: string): value is GitHubCause {
  return Object.hasOwn(GITHUB_CAUSES, value);
}

/** Returns a cause's row typed as `Cause`. In the table, `as const` hides the optional columns from the type. */
export function causeRow(cause: GitHubCause): Cause {
  return GITHUB_CAUSES[cause];
}
