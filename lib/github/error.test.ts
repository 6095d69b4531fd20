import { RequestError } from '@octokit/request-error';
import { describe, expect, it, vi } from 'vitest';
import { GitHubError, githubProblem, toGitHubError } from './error';

const ROUTE = 'GET /app/installations/{installation_id}';

/** What the class is called in another load of Octokit, in the same process. */
class HttpError extends Error {
  override readonly name = 'HttpError';
  readonly response: object;
  constructor(readonly status: number) {
    super('Not Found');
    this.response = { status, headers: {}, data: { message: 'Not Found' } };
  }
}

describe('an error of GitHub’s', () => {
  it('is understood whichever load of Octokit has thrown it', () => {
    const own = new RequestError('Not Found', 404, {
      request: { method: 'GET', url: 'https://api.github.test/', headers: {} },
      response: { status: 404, url: '', headers: {}, data: { message: 'Not Found' } },
    });
    for (const error of [own, new HttpError(404)])
      expect(toGitHubError(ROUTE, error)).toMatchObject({ kind: 'not_found', status: 404 });
  });

  it('is one to every load of our own module', async () => {
    vi.resetModules();
    const other = await import('./error');
    expect(other.GitHubError).not.toBe(GitHubError);
    const error = new other.GitHubError('not_found', ROUTE, 404, undefined, undefined);
    expect(error).toBeInstanceOf(GitHubError);
    expect(toGitHubError(ROUTE, error)).toBe(error);
    expect(githubProblem(error).code).toBe('github_error');
    for (const no of [new Error('x'), { name: 'GitHubError' }, null])
      expect(no).not.toBeInstanceOf(GitHubError);
  });
});
