import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { NextRequest } from 'next/server';
import { afterAll, expect, it } from 'vitest';
import { createApiKey } from '@/lib/api-keys/manage';
import { TEST_ORIGIN } from '@/lib/auth/test-fixtures';
import { connectedScene } from '@/lib/testing/test-scene';
import { startTestWorld } from '@/lib/testing/test-world';
import { git } from '../../../../../../local/clients/git';
import { POST } from './route';

const world = await startTestWorld();
const folder = await mkdtemp(path.join(tmpdir(), 'clone-'));
afterAll(() => rm(folder, { recursive: true }));

it('lets a service clone the requested repository with the token of the response', async () => {
  const { workspaceId, actor } = await connectedScene(world, {
    account: 'acme',
    by: 'olivia',
    repositories: ['acme/api'],
  });
  const { key } = await createApiKey({ workspaceId, actor, origin: TEST_ORIGIN }, { name: 'engine' });
  const request = new NextRequest('http://localhost:3000/api/v1/internal/github/token', {
    method: 'POST',
    headers: {
      authorization: `Bearer ${key}`,
      'content-type': 'application/json',
      'x-forwarded-for': '192.0.2.51',
    },
    body: JSON.stringify({ repositories: ['acme/api'] }),
  });
  const response = await POST(request, { params: Promise.resolve({}) });
  expect(response.status).toBe(201);
  const { token, repositories } = await response.json();
  const target = path.join(folder, 'api');
  expect(await git(['clone', '--quiet', repositories[0].clone_url, target], token)).toEqual({
    ok: true,
    output: '',
  });
  expect(await readdir(target)).toContain('.git');
});
