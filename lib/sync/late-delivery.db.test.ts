/** Tests connects in which the browser arrives before the webhook that names the installer. */
import pg from 'pg';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { clearWorld, newPerson, storedInstallation } from '../testing/test-scene';
import { connect, startTestWorld } from '../testing/test-world';

const world = await startTestWorld();
const { github } = world;

beforeEach(async () => {
  await clearWorld(world);
  github.actions.setBasePermission({ organization: 'acme', permission: 'pull' });
  github.actions.setMembership({ organization: 'acme', login: 'olivia', role: 'owner' });
});

describe('a proof that waits for a late delivery', () => {
  const original = pg.Client.prototype.query;

  /** Delivers the held webhook between the app's first and second read of the installer. */
  function deliverBetweenLooks() {
    const looks = { count: 0 };
    vi.spyOn(pg.Client.prototype, 'query').mockImplementation(function (
      this: pg.Client,
      ...given: unknown[]
    ) {
      const look = () => original.apply(this, given as never);
      const [first] = given as [{ text?: string }];
      if (!first.text?.includes('AS installer')) return look();
      looks.count += 1;
      if (looks.count !== 2) return look();
      github.releaseWebhooks();
      return github.flush().then(look);
    } as never);
    return looks;
  }

  it.each<[string, string, 'owner' | 'member', string[] | undefined, string]>([
    ['connects the installation for the installer, whom it names', 'olivia', 'owner', [], 'connected'],
    ['refuses another owner', 'sam', 'owner', [], 'not_your_installation'],
    ['refuses a reader', 'mona', 'member', undefined, 'not_your_installation'],
    ['refuses the installer who was demoted', 'olivia', 'member', undefined, 'not_your_installation'],
  ])('%s', async (_, login, role, repositories, outcome) => {
    github.knobs.set({ webhooks: { hold: true } });
    const { id } = github.actions.install({
      account: 'acme',
      by: 'olivia',
      ...(repositories === undefined ? {} : { repositories }),
    });
    github.actions.setMembership({ organization: 'acme', login, role });
    const person = await newPerson(login);
    const looks = deliverBetweenLooks();
    try {
      expect(await connect(world, person, id)).toBe(outcome);
    } finally {
      vi.restoreAllMocks();
    }
    expect(looks.count).toBe(2);
    const stored = await storedInstallation(id);
    expect(Number(stored.installedByGithubId)).toBe(20001);
    expect(stored.workspaceId).toBe(outcome === 'connected' ? person.workspaceId : null);
  });
});
