/**
 * A refusal by GitHub or by a proxy in front of it. `failNext(route, { kind: 'refusal', name })` makes this server
 * return one.
 */
export interface RefusalAnswer {
  status: number;
  message?: string;
  headers?: Record<string, string>;
  /** A body to send instead of GitHub's JSON. */
  body?: string;
  contentType?: string;
  /** An error code of the token exchange, which GitHub returns with status 200. */
  oauthError?: string;
}

const ALLOW_LIST =
  'Although you appear to have the correct authorization credentials, the `acme` organization has an IP allow list enabled, and your IP address is not permitted to access this resource.';
const SECONDARY =
  'You have exceeded a secondary rate limit. Please wait a few minutes before you try again. If you reach out to GitHub Support for help, please include the request ID.';
const ABUSE =
  'You have triggered an abuse detection mechanism. Please wait a few minutes before you try again.';
const MAINTENANCE =
  '<!DOCTYPE html><html><head><title>GitHub Enterprise is currently down for maintenance</title></head><body><p>This GitHub Enterprise appliance is currently undergoing maintenance.</p></body></html>';
const PORTAL = '<html><head><title>Sign in to the network</title></head><body>Accept the terms</body></html>';
const html = (status: number, body: string): RefusalAnswer => ({ status, body, contentType: 'text/html' });

export const REFUSALS = {
  // https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit
  'secondary-limit': { status: 403, message: SECONDARY, headers: { 'Retry-After': '17' } },
  'secondary-limit-429': { status: 429, message: SECONDARY, headers: { 'Retry-After': '17' } },
  'secondary-limit-without-wait': { status: 403, message: SECONDARY },
  'abuse-detected': { status: 403, message: ABUSE, headers: { 'Retry-After': '17' } },
  'primary-limit': {
    status: 403,
    message: 'API rate limit exceeded for installation ID 1.',
    headers: { 'X-RateLimit-Remaining': '0' },
  },
  'primary-limit-429': {
    status: 429,
    message: 'API rate limit exceeded for installation ID 1.',
    headers: { 'X-RateLimit-Remaining': '0' },
  },
  'mint-over-used': { status: 422, message: 'Validation Failed', headers: { 'Retry-After': '17' } },
  'mint-over-used-nothing-left': {
    status: 422,
    message: 'Validation Failed',
    headers: { 'X-RateLimit-Remaining': '0' },
  },
  'unauthorized-with-wait': { status: 401, message: 'Bad credentials', headers: { 'Retry-After': '17' } },
  'server-error-with-wait': { status: 500, message: 'Server Error', headers: { 'Retry-After': '17' } },

  // https://docs.github.com/en/apps/maintaining-github-apps/suspending-a-github-app-installation
  'installation-suspended': { status: 403, message: 'This installation has been suspended' },
  // https://github.com/octokit/octokit.rb/pull/761
  'account-suspended': { status: 403, message: 'Sorry. Your account was suspended.' },
  'app-suspended': { status: 403, message: 'This GitHub App has been suspended.' },
  'app-unknown': { status: 401, message: 'Integration not found' },
  // https://github.com/actions/create-github-app-token/issues/386
  'app-issuer': { status: 401, message: "'Issuer' claim ('iss') must be an Integer" },
  'app-issuer-missing': { status: 401, message: "Missing 'issuer' claim ('iss') in assertion" },
  'app-key': { status: 401, message: 'A JSON web token could not be decoded' },
  // https://github.com/actions/create-github-app-token/issues/178
  // https://github.com/octokit/octokit.rb/issues/1080
  'app-without-key': { status: 401, message: 'Integration must generate a public key' },
  'too-many-requests': { status: 403, message: 'Too many requests. Please wait.' },
  'app-clock-older': {
    status: 401,
    message:
      "'Expiration' claim ('exp') must be a numeric value representing the future time at which the assertion expires",
  },
  'app-clock': { status: 401, message: "'Expiration time' claim ('exp') is too far in the future" },
  'bad-credentials': { status: 401, message: 'Bad credentials' },

  // https://docs.github.com/en/rest/apps/apps#create-an-installation-access-token-for-an-app
  'permissions-not-granted': {
    status: 422,
    message: 'The permissions requested are not granted to this installation.',
  },
  'not-accessible': {
    status: 403,
    message: 'Resource not accessible by integration',
    headers: { 'X-Accepted-GitHub-Permissions': 'contents=read' },
  },
  'repositories-not-accessible': {
    status: 422,
    message:
      'There is at least one repository that does not exist or is not accessible to the parent installation.',
  },
  'not-found': { status: 404, message: 'Not Found' },

  // https://github.com/aquasecurity/trivy/issues/10567
  'ip-allow-list': { status: 403, message: ALLOW_LIST },
  // https://docs.github.com/en/rest/authentication/authenticating-to-the-rest-api
  'saml-required': {
    status: 403,
    message:
      'Resource protected by organization SAML enforcement. You must grant your OAuth token access to this organization.',
  },
  'legal-block': { status: 451, message: 'Repository access blocked' },
  'access-blocked': { status: 403, message: 'Repository access blocked' },

  maintenance: html(503, MAINTENANCE),
  'bad-gateway': html(502, '<html><body><h1>502 Bad Gateway</h1></body></html>'),
  'empty-502': { status: 502, body: '' },
  'captive-portal': html(200, PORTAL),
  'captive-portal-511': html(511, PORTAL),
  'proxy-forbidden': html(403, '<html><body>Blocked by policy: account suspended</body></html>'),
  'proxy-not-found': html(404, '<html><body>Not Found</body></html>'),
  'proxy-unauthorized': html(401, '<html><body>401 Authorization Required</body></html>'),
  'proxy-authentication': html(407, '<html><body>Proxy Authentication Required</body></html>'),
  'gateway-json': { status: 404, body: '{"message":"no Route matched with those values"}' },
  'wrong-content-type': {
    status: 403,
    body: '{"message":"This installation has been suspended"}',
    contentType: 'text/plain',
  },
  'empty-403': { status: 403, body: '' },
  'redirect-301': { status: 301, message: 'Moved Permanently', headers: { Location: '/moved' } },
  'redirect-307': { status: 307, message: 'Temporary Redirect', headers: { Location: '/moved' } },
  'not-modified': { status: 304, body: '' },
  gone: { status: 410, message: 'This endpoint is gone.' },
  'random-403': { status: 403, message: 'Quuz is suspended between the frobs' },
  'random-422': { status: 422, message: 'Validation Failed' },
  'random-401': { status: 401, message: 'The moon is in the wrong house' },
  'random-404': { status: 404, message: 'Nothing like that was found' },
  'random-418': { status: 418, message: 'I am a teapot' },

  // https://docs.github.com/en/apps/oauth-apps/maintaining-oauth-apps/troubleshooting-oauth-app-access-token-request-errors
  'oauth-client': { status: 200, oauthError: 'incorrect_client_credentials' },
  'oauth-redirect': { status: 200, oauthError: 'redirect_uri_mismatch' },
  'oauth-suspended': { status: 200, oauthError: 'application_suspended' },
  'oauth-code': { status: 200, oauthError: 'bad_verification_code' },
  'oauth-email': { status: 200, oauthError: 'unverified_user_email' },
  'oauth-denied': { status: 200, oauthError: 'access_denied' },
  'oauth-device': { status: 200, oauthError: 'device_flow_disabled' },
  'oauth-random': { status: 200, oauthError: 'the_moon_is_wrong' },
} as const satisfies Record<string, RefusalAnswer>;

export type RefusalName = keyof typeof REFUSALS;

const DOCS = 'https://docs.github.com/rest';

/**
 * Builds the response for a refusal.
 *
 * @param given headers and a message that override the refusal's own
 */
export function refusalResponse(
  name: RefusalName,
  given: { headers?: Record<string, string>; message?: string } = {},
): Response {
  const answer: RefusalAnswer = REFUSALS[name];
  const { status, body, contentType = 'application/json; charset=utf-8', oauthError } = answer;
  const message = given.message ?? answer.message;
  const json =
    oauthError === undefined
      ? { message, documentation_url: DOCS, status: String(status) }
      : { error: oauthError, error_description: 'Words of GitHub.', error_uri: `${DOCS}#${oauthError}` };
  const headers = {
    ...(body === '' ? {} : { 'Content-Type': contentType }),
    ...answer.headers,
    ...given.headers,
  };
  return new Response(status === 304 ? null : (body ?? JSON.stringify(json)), { status, headers });
}
