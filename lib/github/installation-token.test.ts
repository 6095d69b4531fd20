import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { startTestGitHub } from './test-github';
import { createInstallationToken } from './tokens';

const TOKEN = `ghs_${'a'.repeat(36)}`;
const WHOLE = {
  token: TOKEN,
  expires_at: '2099-01-01T00:00:00Z',
  permissions: { contents: 'read', metadata: 'read' },
  repository_selection: 'selected',
  repositories: [{ id: 1 }],
};

/** The next response to a mint. The stand-in for GitHub below returns it, and records revoked tokens. */
let answer: object = WHOLE;
let revoked: string[] = [];
const server = createServer((request, response) => {
  if (request.method === 'DELETE') {
    revoked.push(request.headers.authorization ?? '');
    return response.writeHead(204).end();
  }
  return response.writeHead(201, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
afterAll(() => server.close());
const { port } = server.address() as AddressInfo;
await startTestGitHub(() => ({
  GITHUB_API_URL: `http://127.0.0.1:${port}`,
  GITHUB_WEB_URL: `http://127.0.0.1:${port}`,
}));

beforeEach(() => {
  revoked = [];
});

const mint = () => createInstallationToken(1, { permissions: { contents: 'read' }, repositoryIds: [1] });

describe('GitHub’s response to a mint', () => {
  it.each([
    ['no expiry', { expires_at: undefined }],
    ['an unreadable expiry', { expires_at: 'soon' }],
    ['no permissions', { permissions: undefined }],
    ['permissions in an unknown form', { permissions: { contents: 1 } }],
    ['an unknown repository selection', { repository_selection: 'some' }],
    ['repositories without ids', { repositories: [{}] }],
  ])('rejects a response with %s, and revokes the token in it', async (_, changed) => {
    answer = { ...WHOLE, ...changed };
    await expect(mint()).rejects.toMatchObject({ kind: 'unexpected' });
    expect(revoked).toEqual([expect.stringContaining(TOKEN)]);
  });

  it('rejects a response without a token, and revokes nothing', async () => {
    for (const token of [undefined, '', 1]) {
      answer = { ...WHOLE, token };
      await expect(mint()).rejects.toMatchObject({ kind: 'unexpected' });
    }
    expect(revoked).toEqual([]);
  });

  it('accepts a response that omits optional fields or has unknown ones', async () => {
    answer = { ...WHOLE, repository_selection: undefined, repositories: undefined, single_file: 'x' };
    expect(await mint()).toMatchObject({ repositorySelection: undefined, repositoryIds: undefined });
    expect(revoked).toEqual([]);
  });
});
