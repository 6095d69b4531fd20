/** Calls both mint routes in this process, while the offline GitHub refuses to mint. */
import { NextRequest } from 'next/server';
import { encode } from 'next-auth/jwt';
import { beforeEach, expect, it } from 'vitest';
import { createApiKey } from '@/lib/api-keys/manage';
import { TEST_ORIGIN } from '@/lib/auth/test-fixtures';
import { getConfig } from '@/lib/config';
import { getDb } from '@/lib/db/client';
import {
  clearWorld,
  connectedScene,
  type Scene,
  storedInstallation,
  storedNames,
} from '@/lib/testing/test-scene';
import { startTestWorld } from '@/lib/testing/test-world';
import { POST as mintForService } from './internal/github/token/route';
import { POST as mintForMember } from './workspaces/[workspace]/github/token/route';

const world = await startTestWorld();
const { github } = world;

const request = (path: string, authorization: string) =>
  new NextRequest(`http://localhost:3000/api/v1/${path}`, {
    method: 'POST',
    headers: { authorization, 'x-forwarded-for': '192.0.2.50', 'content-type': 'application/json' },
    body: JSON.stringify({ repositories: ['acme/web'] }),
  });

async function asService({ workspaceId, actor }: Scene): Promise<Response> {
  const { key } = await createApiKey({ workspaceId, actor, origin: TEST_ORIGIN }, { name: 'engine' });
  return mintForService(request('internal/github/token', `Bearer ${key}`), {
    params: Promise.resolve({}),
  });
}

async function asMember({ slug, actor }: Scene): Promise<Response> {
  const jwt = await encode({ token: { sub: actor.id }, secret: getConfig().auth.secret });
  return mintForMember(request(`workspaces/${slug}/github/token`, `Bearer ${jwt}`), {
    params: Promise.resolve({ workspace: slug }),
  });
}

beforeEach(() => clearWorld(world));

it.each([
  ['a service', asService],
  ['a member', asMember],
] as const)(
  'removes a repository that is no longer shared from the list once %s requests it, even without a webhook',
  async (_, mint) => {
    const scene = await connectedScene(world, {
      account: 'acme',
      by: 'olivia',
      repositories: ['acme/api', 'acme/web'],
    });
    const { installationId } = scene;
    await getDb().installation.update({ where: { id: installationId }, data: { syncedAt: new Date(0) } });
    github.knobs.set({ webhooks: { drop: 1 } });
    github.actions.removeRepositories({ installation: installationId, repositories: ['acme/web'] });
    await github.flush();
    expect((await mint(scene)).status).toBe(422);
    await expect.poll(() => storedNames(installationId)).toEqual(['acme/api']);
    expect((await storedInstallation(installationId)).syncRequestedAt).toBeNull();
  },
);
