import { expect, it } from 'vitest';
import { makeWorkspace, TEST_ORIGIN } from '../auth/test-fixtures';
import { startTestWorld } from '../testing/test-world';
import { startConnect } from './flow';

const { github } = await startTestWorld();

it.each([
  ['install', '/installations/new', ['state']],
  [
    'link',
    '/login/oauth/authorize',
    ['client_id', 'code_challenge', 'code_challenge_method', 'redirect_uri', 'state'],
  ],
] as const)(
  'sends an attempt to %s to the matching GitHub page, each with its own state',
  async (intent, path, names) => {
    const { id: workspaceId, people } = await makeWorkspace('owner');
    const [actor] = people;
    if (!actor) throw new Error('no owner');
    const begin = async () =>
      new URL(await startConnect({ workspaceId, actor, origin: TEST_ORIGIN, intent, browser: null }));
    const [first, second] = [await begin(), await begin()];
    expect(first.origin).toBe(new URL(github.webUrl).origin);
    expect(first.pathname.endsWith(path)).toBe(true);
    expect(first.pathname).toContain(intent === 'install' ? github.app.slug : '/oauth/');
    expect([...first.searchParams.keys()].sort()).toEqual(names);
    expect(first.searchParams.get('state')).not.toBe(second.searchParams.get('state'));
    expect(first.searchParams.get('state')?.length).toBeGreaterThanOrEqual(43);
  },
);
