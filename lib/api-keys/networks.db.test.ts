/** Tests where an API key may be used from, and what an admin sees of refused uses. */
import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { SYSTEM_CLI } from '../actor';
import { keyUseFrom, makeWorkspace, readAudit, startTestApp, TEST_ORIGIN } from '../auth/test-fixtures';
import { CreateApiKey } from '../contract/api-keys';
import { getDb } from '../db/client';
import { setApiKeysAllowed } from '../workspace/api-keys-allowed';
import { authenticateApiKey, reloadApiKey } from './key';
import { createApiKey, revokeApiKey, rotateApiKey } from './manage';

const environment = await startTestApp();

async function makeKey(networks: string[]) {
  const { id: workspaceId } = await makeWorkspace();
  const by = { workspaceId, actor: SYSTEM_CLI, origin: TEST_ORIGIN };
  const wanted = CreateApiKey.parse({ name: 'engine', networks });
  return { by, workspaceId, ...(await createApiKey(by, wanted)) };
}

const outcome = (key: string, ip: string, network = ip) =>
  authenticateApiKey(key, { ...keyUseFrom(ip), network }).then(
    () => 'allowed',
    (error: { code?: string; message?: string }) => `${error.code}: ${error.message}`,
  );

const refusals = async (workspaceId: string) =>
  (await readAudit(workspaceId)).filter(({ type }) => type === 'api_key.refused');

describe('a key that is bound to networks', () => {
  it.each([
    ['203.0.113.0/24', ['203.0.113.0', '203.0.113.255'], ['203.0.112.255', '203.0.114.0', '2001:db8::1']],
    ['203.0.113.7', ['203.0.113.7'], ['203.0.113.6', '203.0.113.8', '::1']],
    ['::ffff:203.0.113.0/120', ['203.0.113.9'], ['203.0.114.9', '2001:db8::1']],
    ['2001:db8:7::/64', ['2001:db8:7::', '2001:db8:7::ffff:ffff'], ['2001:db8:7:1::1', '203.0.113.7']],
    ['2001:db8::1', ['2001:db8::1'], ['2001:db8::2', '2001:db8::']],
    // The range contains the IPv4-mapped addresses as numbers. A client that uses IPv4 is still outside.
    ['::/80', ['::1'], ['203.0.113.7']],
  ])('is accepted inside %s only', async (network, inside, outside) => {
    const { key } = await makeKey([network]);
    for (const ip of inside) expect(await outcome(key, ip), ip).toBe('allowed');
    for (const ip of outside)
      expect(await outcome(key, ip), ip).toBe(`forbidden: This API key may not be used from ${ip}.`);
  });

  it('is accepted in each network of its list, and without a list everywhere', async () => {
    const { key } = await makeKey(['203.0.113.0/24', '2001:db8::/32', '198.51.100.7']);
    for (const ip of ['203.0.113.9', '2001:db8:ffff::1', '198.51.100.7'])
      expect(await outcome(key, ip)).toBe('allowed');
    expect(await outcome(key, '198.51.100.8')).toContain('forbidden');
    const { key: unbound } = await makeKey([]);
    for (const ip of ['203.0.113.9', '::1']) expect(await outcome(unbound, ip)).toBe('allowed');
  });

  it('is refused from an unknown address', async () => {
    const { key } = await makeKey(['203.0.113.0/24']);
    const use = { ...keyUseFrom('x'), clientIp: null };
    await expect(authenticateApiKey(key, use)).rejects.toMatchObject({ code: 'forbidden' });
  });

  it('is refused later in the same request once its networks have changed', async () => {
    const { key, id } = await makeKey(['203.0.113.0/24']);
    const use = keyUseFrom('203.0.113.9');
    const actor = await authenticateApiKey(key, use);
    await expect(reloadApiKey(actor, use)).resolves.toMatchObject({ id });
    await getDb().apiKey.update({ where: { id }, data: { networks: ['198.51.100.0/24'] } });
    await expect(reloadApiKey(actor, use)).rejects.toMatchObject({ code: 'forbidden' });
  });

  it('says nothing about its networks once it is revoked or expired', async () => {
    const { key, id, by } = await makeKey(['203.0.113.0/24']);
    await revokeApiKey(by, id);
    expect(await outcome(key, '198.51.100.1')).toMatch(/^unauthenticated/);
  });

  it('hands its networks to its successor', async () => {
    const { id, by } = await makeKey(['203.0.113.0/24', '2001:db8::/32']);
    const successor = await rotateApiKey(by, id, { overlap: 0 });
    expect(successor.networks).toEqual(['203.0.113.0/24', '2001:db8::/32']);
    expect(await outcome(successor.key, '198.51.100.1')).toContain('forbidden');
  });
});

describe('the use of a key', () => {
  it('is noted with its address, and a refused use is not', async () => {
    const { key, id } = await makeKey(['203.0.113.0/24', '2001:db8::/32']);
    const stored = () => getDb().apiKey.findUniqueOrThrow({ where: { id } });
    expect(await outcome(key, '198.51.100.1')).toContain('forbidden');
    expect(await stored()).toMatchObject({ lastUsedAt: null, lastUsedIp: null });
    expect(await outcome(key, '2001:db8::7')).toBe('allowed');
    await expect.poll(async () => (await stored()).lastUsedIp).toBe('2001:db8::7');
    // Within the minute, a use from elsewhere is not noted.
    expect(await outcome(key, '203.0.113.9')).toBe('allowed');
    await getDb().apiKey.update({ where: { id }, data: { lastUsedAt: new Date(Date.now() - 61_000) } });
    expect(await outcome(key, '203.0.113.10')).toBe('allowed');
    await expect.poll(async () => (await stored()).lastUsedIp).toBe('203.0.113.10');
  });
});

describe('a refused use', () => {
  it('is in the audit log with its key, address and reason', async () => {
    const { key, id, workspaceId } = await makeKey(['203.0.113.0/24']);
    await outcome(key, '198.51.100.1');
    expect(await refusals(workspaceId)).toEqual([
      {
        type: 'api_key.refused',
        actorId: id,
        clientIp: '198.51.100.1',
        details: {
          api_key_id: id,
          name: 'engine',
          display_prefix: key.slice(0, 12),
          reason: 'address_not_allowed',
        },
      },
    ]);
  });

  it('is recorded once a minute for each key and network, and 60 times an hour for each key', async () => {
    const { key, workspaceId } = await makeKey(['203.0.113.0/24']);
    const other = await makeKey(['203.0.113.0/24']);
    const uses = Array.from({ length: 20 }, (_, n) => outcome(key, `2001:db8::${n}`, '2001:db8::/64'));
    for (const refused of await Promise.all(uses)) expect(refused).toContain('forbidden');
    expect(await refusals(workspaceId)).toHaveLength(1);
    for (let n = 0; n < 70; n++) expect(await outcome(key, `198.51.100.${n}`)).toContain('forbidden');
    expect(await refusals(workspaceId)).toHaveLength(60);
    await outcome(other.key, '198.51.100.1');
    expect(await refusals(other.workspaceId)).toHaveLength(1);
  });

  it('is refused even if it cannot be recorded, and an accepted use does not wait for its row', async () => {
    const { key, workspaceId } = await makeKey(['203.0.113.0/24']);
    const owner = new pg.Client(environment.OWNER_DATABASE_URL);
    await owner.connect();
    try {
      await owner.query('BEGIN');
      await owner.query('SELECT FROM audit_chains WHERE workspace_id = $1 FOR UPDATE', [workspaceId]);
      const refused = outcome(key, '198.51.100.1');
      const rowWaits = () =>
        getDb().$queryRaw<unknown[]>`SELECT 1 FROM pg_stat_activity WHERE datname = current_database()
          AND wait_event_type = 'Lock' AND query LIKE 'INSERT INTO audit_events%'`;
      await expect.poll(rowWaits).toHaveLength(1);
      expect(await outcome(key, '203.0.113.9')).toBe('allowed');
      expect(await refused).toContain('forbidden');
    } finally {
      await owner.end();
    }
    expect(await refusals(workspaceId)).toEqual([]);
  });
});

describe('a workspace that forbids API keys', () => {
  it('has each of its keys refused, with an event, until it allows keys again', async () => {
    const { key, workspaceId, by } = await makeKey([]);
    const other = await makeKey([]);
    await setApiKeysAllowed(by, false);
    expect(await outcome(key, '203.0.113.9')).toBe(
      'forbidden: This workspace does not allow API keys. Use a trust rule.',
    );
    expect(await refusals(workspaceId)).toMatchObject([{ details: { reason: 'api_keys_not_allowed' } }]);
    expect(await outcome(other.key, '203.0.113.9')).toBe('allowed');
    await setApiKeysAllowed(by, true);
    expect(await outcome(key, '203.0.113.9')).toBe('allowed');
  });

  it('gets no new key, and no successor of a key', async () => {
    const { id, by } = await makeKey([]);
    await setApiKeysAllowed(by, false);
    const refused = { code: 'forbidden', message: 'This workspace does not allow API keys.' };
    await expect(createApiKey(by, { name: 'another' })).rejects.toMatchObject(refused);
    await expect(rotateApiKey(by, id, { overlap: 0 })).rejects.toMatchObject(refused);
    await revokeApiKey(by, id);
    expect(await getDb().apiKey.count({ where: { workspaceId: by.workspaceId } })).toBe(1);
  });

  it('records the setting once, with the number of live keys', async () => {
    const { id, by, workspaceId } = await makeKey([]);
    await createApiKey(by, { name: 'second' });
    await createApiKey(by, { name: 'expired', expires_in: -1000 });
    await revokeApiKey(by, id);
    for (const allowed of [true, false, false, true, true])
      expect(await setApiKeysAllowed(by, allowed)).toMatchObject({ api_keys_allowed: allowed });
    const events = (await readAudit(workspaceId)).filter(({ type }) => type.startsWith('workspace.api_keys'));
    expect(events).toMatchObject([
      { type: 'workspace.api_keys_forbidden', details: { api_keys: 1 } },
      { type: 'workspace.api_keys_allowed', details: { api_keys: 1 } },
    ]);
  });

  it('is decided by an admin', async () => {
    const { id: workspaceId, people } = await makeWorkspace('admin', 'member');
    const [admin, member] = people;
    if (admin === undefined || member === undefined) throw new Error('no people');
    const by = (actor: typeof admin) => ({ workspaceId, actor, origin: TEST_ORIGIN });
    await expect(setApiKeysAllowed(by(member), false)).rejects.toMatchObject({ code: 'forbidden' });
    await expect(setApiKeysAllowed(by(admin), false)).resolves.toMatchObject({ api_keys_allowed: false });
  });
});
