/** Runs the test issuer of workload identity for tests in other processes: it signs what it is sent over HTTP. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { startTestIssuer, type TestIssuer } from '../../lib/workload/test-issuer';

/** The bearer secret of a job on a GitHub Actions runner. */
export const RUNNER_TOKEN = 'a-job-of-the-local-runner';

/**
 * Starts an issuer with two more endpoints. `POST /sign` signs the claims in its body. `GET /actions/OWNER/NAME` is
 * what a GitHub Actions runner names in `ACTIONS_ID_TOKEN_REQUEST_URL`, for a job of that repository on the branch
 * `main`.
 *
 * @see https://docs.github.com/en/actions/reference/security/oidc#methods-for-requesting-the-oidc-token
 */
export async function startSigningIssuer(): Promise<TestIssuer> {
  const issuer = await startTestIssuer('');
  issuer.state.intervene = (request, response) => {
    const { pathname } = new URL(request.url ?? '/', issuer.url);
    const isOurs = pathname === '/sign' || pathname.startsWith('/actions/');
    if (isOurs) void sign(issuer, request, response);
    return isOurs;
  };
  return issuer;
}

async function sign(issuer: TestIssuer, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? '/', issuer.url);
  const send = (status: number, body: object) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  if (pathname === '/sign') {
    const parts = await request.toArray();
    send(200, { value: await issuer.sign(JSON.parse(Buffer.concat(parts).toString())) });
    return;
  }
  // The header's scheme is in lower case in GitHub's own client.
  if (request.headers.authorization?.replace(/^bearer /i, '') !== RUNNER_TOKEN) {
    send(401, {});
    return;
  }
  const repository = pathname.replace('/actions/', '');
  const value = await issuer.signGitHubActions({ repository }, { aud: searchParams.get('audience') });
  send(200, { count: value.length, value });
}
