import type { GitHubCause } from '../contract/github-causes';

/** A response that rejects a request. */
export type Rejection = {
  status: number;
  headers: Record<string, unknown>;
  /** The parsed body, or its text if it is not JSON. */
  data: unknown;
  /** The route template, without ids. */
  route: string;
};

type Rule = {
  cause: GitHubCause;
  statuses?: readonly number[];
  /** Matched against GitHub's `message` without its trailing dot. */
  words?: RegExp;
  when?: (rejection: Rejection) => boolean;
};

const isJsonObject = (data: unknown): data is Record<string, unknown> =>
  typeof data === 'object' && data !== null && !Array.isArray(data) && !(data instanceof ArrayBuffer);

/** Returns GitHub's message; `undefined` if the body is not a JSON object with a message. */
export function messageOf(data: unknown): string | undefined {
  if (!isJsonObject(data) || typeof data.message !== 'string') return undefined;
  return data.message
    .slice(0, 1000)
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/[.\s]+$/, '');
}

/** Matches routes that the App calls with its JWT or its client secret. */
const AS_APP = /^[A-Z]+ \/(app|applications)(\/|$)/;
const AS_USER = /^[A-Z]+ \/user(\/|$)/;

const hasRetryAfter = ({ headers }: Rejection) => readWait(headers['retry-after'], 0) !== undefined;
const hasNothingLeft = ({ headers }: Rejection) => String(headers['x-ratelimit-remaining']).trim() === '0';
const isAsApp = ({ route }: Rejection) => AS_APP.test(route);
const isAsUser = ({ route }: Rejection) => AS_USER.test(route);
const isGitHubs = ({ data }: Rejection) => messageOf(data) !== undefined;

/** Matches a rejection caused by a JWT's `iat` or `exp`. Older servers call the `exp` claim `'Expiration'`. */
export const REFUSED_TIMES =
  /'?(expiration( time)?|issued at)'? claim|\btime (that|at which) the assertion\b/i;

const CLIENT_ERRORS = Array.from({ length: 100 }, (_, n) => 400 + n);
const REDIRECTS = [301, 302, 303, 307, 308] as const;

/**
 * The rules, in order of precedence: the first matching rule decides. Where GitHub has published a message, the rule
 * matches its whole sentence.
 *
 * @see https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api
 */
const RULES: readonly Rule[] = [
  // https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit
  // Older servers: "You have triggered an abuse detection mechanism. Please wait a few minutes before you try again."
  {
    cause: 'rate_limited',
    words:
      /rate limit (already )?exceeded|\btoo many requests\b|exceeded (a|the) (secondary )?rate limit|secondary rate limit|abuse detection mechanism|wait a few minutes before you try again/i,
  },
  { cause: 'rate_limited', statuses: [429] },
  // When called too often, the mint endpoint returns 422 with `Retry-After`. Other endpoints return 401 or 403 with the
  // same header.
  { cause: 'rate_limited', statuses: CLIENT_ERRORS, when: hasRetryAfter },

  // https://docs.github.com/en/apps/maintaining-github-apps/suspending-a-github-app-installation
  // https://github.com/octokit/octokit.rb/pull/1307
  {
    cause: 'installation_suspended',
    statuses: [403],
    words: /^this installation has been suspended$|\bhas suspended your access$/i,
  },
  // "Sorry. Your account was suspended.": https://github.com/octokit/octokit.rb/pull/761
  {
    cause: 'user_suspended',
    statuses: [401, 403],
    words: /\byour account (was|is|has been) suspended\b/i,
    when: isAsUser,
  },
  {
    cause: 'account_suspended',
    statuses: [401, 403],
    words: /\b(your|this) (account|organization) (was|is|has been) suspended\b/i,
  },
  {
    cause: 'app_suspended',
    statuses: [401, 403, 404],
    words:
      /^(sorry\. )?(your|this|the) (github )?(app|application|integration) (was|is|has been) (suspended|disabled|deleted)\b/i,
  },

  // https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-json-web-token-jwt-for-a-github-app
  // https://github.com/actions/create-github-app-token/issues/386, https://github.com/backstage/backstage/issues/12887
  { cause: 'app_unknown', statuses: [401, 404], words: /^integration not found$/i },
  { cause: 'app_unknown', statuses: [401], words: /'?issuer'? claim \('iss'\)/i },
  {
    cause: 'app_key_refused',
    statuses: [401],
    // The second message means that the App has no key: https://github.com/octokit/octokit.rb/issues/1080
    words: /\bJSON web token could not be decoded\b|^integration must generate a public key$/i,
  },
  // https://github.com/tibdex/github-app-token/issues/102, https://github.com/actions/create-github-app-token/issues/178
  {
    cause: 'app_clock_off',
    statuses: [401],
    words: REFUSED_TIMES,
  },
  { cause: 'app_credentials_refused', statuses: [401], words: /^bad credentials$/i, when: isAsApp },
  {
    cause: 'token_refused',
    statuses: [401],
    words: /^(bad credentials|requires authentication)$/i,
  },

  // https://docs.github.com/en/organizations/keeping-your-organization-secure/managing-security-settings-for-your-organization/managing-allowed-ip-addresses-for-your-organization
  // https://github.com/microsoft/PullRequestQuantifier/issues/118, https://github.com/aquasecurity/trivy/issues/10567
  { cause: 'ip_allow_list', statuses: [403], words: /\bhas an IP allow list enabled\b/i },
  // https://docs.github.com/en/rest/authentication/authenticating-to-the-rest-api#authorizing-personal-access-tokens-for-saml-sso
  {
    cause: 'saml_required',
    statuses: [401, 403, 404],
    when: ({ headers }) => /^\s*required\b/i.test(String(headers['x-github-sso'] ?? '')),
  },
  {
    cause: 'saml_required',
    statuses: [403],
    words: /^resource protected by organization SAML enforcement\b/i,
  },

  // https://docs.github.com/en/rest/apps/apps#create-an-installation-access-token-for-an-app
  // https://github.com/martinbaillie/vault-plugin-secrets-github/issues/101
  {
    cause: 'permissions_not_granted',
    statuses: [403, 422],
    words: /^the permissions requested are not granted to this installation$/i,
  },
  {
    cause: 'repositories_not_accessible',
    statuses: [422],
    words:
      /^there is at least one repository that does not exist or is not accessible to the parent installation$/i,
  },
  // https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api#resource-not-accessible
  {
    cause: 'resource_not_accessible',
    statuses: [403],
    words: /^resource not accessible by integration$/i,
  },
  // https://docs.github.com/en/site-policy/content-removal-policies/dmca-takedown-policy
  { cause: 'repository_blocked', statuses: [451] },
  { cause: 'repository_blocked', statuses: [403], words: /^repository access blocked$/i },
  { cause: 'not_found', statuses: [404], words: /^not found$/i },

  // Every response reports the number of remaining requests. With 0 left, a rejection may still have another cause, so
  // the rules that match a message come before this one.
  { cause: 'rate_limited', statuses: [401, 403, 422], when: hasNothingLeft },

  { cause: 'moved', statuses: REDIRECTS },
  { cause: 'proxy_refused', statuses: [407] },
  // https://docs.github.com/en/enterprise-server@latest/admin/administering-your-instance/configuring-maintenance-mode
  {
    cause: 'github_maintenance',
    statuses: [503],
    when: ({ data }) => /\bmaintenance\b/i.test(typeof data === 'string' ? data : (messageOf(data) ?? '')),
  },
  { cause: 'github_unavailable', when: ({ status }) => status >= 500 },
  { cause: 'not_github', when: (rejection) => !isGitHubs(rejection) },
];

/** Returns the cause of a rejection. */
export function recognise(rejection: Rejection): GitHubCause {
  const message = messageOf(rejection.data);
  const fits = ({ statuses, words, when }: Rule) =>
    (statuses === undefined || statuses.includes(rejection.status)) &&
    (words === undefined || (message !== undefined && words.test(message))) &&
    (when === undefined || when(rejection));
  return RULES.find(fits)?.cause ?? 'github_error';
}

/**
 * Maps OAuth error codes to causes. GitHub returns these codes with HTTP 200 when the app exchanges an authorization
 * code, and also in the callback's query.
 *
 * @see https://docs.github.com/en/apps/oauth-apps/maintaining-oauth-apps/troubleshooting-oauth-app-access-token-request-errors
 * @see https://docs.github.com/en/apps/oauth-apps/maintaining-oauth-apps/troubleshooting-authorization-request-errors
 * @see https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps#error-codes-for-the-device-flow
 */
const OAUTH_CODES = {
  incorrect_client_credentials: 'oauth_client_refused',
  'Not Found': 'oauth_client_refused',
  redirect_uri_mismatch: 'oauth_redirect_mismatch',
  application_suspended: 'app_suspended',
  unsupported_grant_type: 'oauth_request_refused',
  device_flow_disabled: 'oauth_request_refused',
  incorrect_device_code: 'code_refused',
  expired_token: 'code_refused',
  bad_verification_code: 'code_refused',
  bad_refresh_token: 'code_refused',
  unverified_user_email: 'email_unverified',
  access_denied: 'authorization_denied',
} as const satisfies Record<string, GitHubCause>;

/** Returns the cause for an OAuth error code; `github_error` if the code is unknown. */
export function recogniseOAuth(code: string): GitHubCause {
  const known: Readonly<Record<string, GitHubCause>> = OAUTH_CODES;
  return (Object.hasOwn(known, code) && known[code]) || 'github_error';
}

/** GitHub's limits reset within an hour, so longer waits are capped. */
export const LONGEST_WAIT_SECONDS = 3600;

/**
 * Reads a `Retry-After` header, which holds a number of seconds or an HTTP date.
 *
 * @param nowMs the current time by GitHub's clock
 * @returns whole seconds, between 1 and 3600; `undefined` if the value is missing or unreadable
 * @see https://www.rfc-editor.org/rfc/rfc9110#field.retry-after
 */
export function readWait(header: unknown, nowMs: number): number | undefined {
  if (header === undefined || header === null) return undefined;
  const text = String(header).trim();
  if (text === '') return undefined;
  // If a gateway adds a second `Retry-After`, both arrive as one comma-separated list. Use the longer wait.
  const listed = text.split(/\s*,\s*/);
  const seconds = listed.every((each) => /^\d+(\.\d+)?$/.test(each))
    ? Math.max(...listed.map(Number))
    : (readDate(text) - nowMs) / 1000;
  if (Number.isNaN(seconds)) return undefined;
  return Math.min(LONGEST_WAIT_SECONDS, Math.max(1, Math.ceil(seconds)));
}

/** Parses an HTTP date. Requires a weekday first, because `Date.parse` accepts almost any text. */
function readDate(text: string): number {
  return /^[A-Za-z]{3,9},? /.test(text) ? Date.parse(text) : Number.NaN;
}
