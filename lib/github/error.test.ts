import { RequestError } from '@octokit/request-error';
import { describe, expect, it, vi } from 'vitest';
import { GitHubError, githubProblem, toGitHubError } from './errors';

const ROUTE = 'GET /app/installations/{installation_id}';

/** An Octokit error whose class comes from a second copy of Octokit in the same process. */
class HttpError extends Error {
  override readonly name = 'HttpError';
  readonly response: object;
  constructor(readonly status: number) {
    super('Not Found');
    this.response = { status, headers: {}, data: { message: 'Not Found' } };
  }
}

describe('an error from GitHub', () => {
  it('recognises errors from every copy of Octokit in the process', () => {
    const own = new RequestError('Not Found', 404, {
      request: { method: 'GET', url: 'https://api.github.test/', headers: {} },
      response: { status: 404, url: '', headers: {}, data: { message: 'Not Found' } },
    });
    for (const error of [own, new HttpError(404)])
      expect(toGitHubError(ROUTE, error)).toMatchObject({ kind: 'not_found', status: 404 });
  });

  it('treats an error from another copy of the module as a GitHubError', async () => {
    vi.resetModules();
    const other = await import('./errors');
    expect(other.GitHubError).not.toBe(GitHubError);
    const error = new other.GitHubError('not_found', ROUTE, 404, undefined, undefined);
    expect(error).toBeInstanceOf(GitHubError);
    expect(toGitHubError(ROUTE, error)).toBe(error);
    expect(githubProblem(error).code).toBe('github_error');
    for (const no of [new Error('x'), { name: 'GitHubError' }, null])
      expect(no).not.toBeInstanceOf(GitHubError);
  });
});
