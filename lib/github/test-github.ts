/** Starts an offline GitHub for this folder's tests, which need no database and no Redis. */

import { type OfflineGitHub, startOfflineGitHub } from 'offline-github';
import { afterAll, vi } from 'vitest';
import { testEnvironment } from '../auth/test-fixtures';
import { getConfig } from '../config';

export async function startTestGitHub(
  overrides: (github: OfflineGitHub) => Record<string, string> = () => ({}),
): Promise<OfflineGitHub> {
  const github = await startOfflineGitHub();
  afterAll(() => github.close());
  const { app } = github;
  const environment = {
    ...testEnvironment('postgresql://nobody@127.0.0.1:1/none'),
    GITHUB_APP_ID: String(app.id),
    GITHUB_APP_CLIENT_ID: app.clientId,
    GITHUB_APP_CLIENT_SECRET: app.clientSecret,
    GITHUB_APP_PRIVATE_KEY: app.privateKey,
    GITHUB_API_URL: github.apiUrl,
    GITHUB_WEB_URL: github.webUrl,
    GITHUB_TIMEOUT_MS: '60000',
    ...overrides(github),
  };
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
  getConfig();
  return github;
}
