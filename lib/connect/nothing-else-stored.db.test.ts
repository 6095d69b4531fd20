/** C02: whatever GitHub sends, only what docs/claims.md lists is kept. Everything else carries a mark here. */
import payloads from '@octokit/webhooks-examples/api.github.com/index.json' with { type: 'json' };
import { expect, it } from 'vitest';
import { dumpDatabase } from '../../local/postgres-dump';
import { makeWorkspace, TEST_ORIGIN } from '../auth/test-fixtures';
import { syncInstallation } from '../sync/sync';
import { connect, startTestWorld } from '../testing/test-world';
import { receiveDelivery } from '../webhooks/receive';

const MARK = 'not-to-be-kept';

const world = await startTestWorld();
const { github, environment } = world;

const examples = payloads.flatMap(({ name, examples }) =>
  examples.map((payload) => ({ name, payload: payload as Record<string, unknown> })),
);

/** What is kept of a payload, or decides what happens, so that the mark would only keep it from being read. */
const KEPT =
  /^(action|installation\.(account\.(login|slug|type)|repository_selection|created_at|updated_at)|repository\.(name|full_name))$/;

/** The same payload with a mark in every string that is not to be kept. */
function marked(value: unknown, path = ''): unknown {
  if (typeof value === 'string') return KEPT.test(path) ? value : `${MARK} ${path}`;
  if (Array.isArray(value)) return value.map((item) => marked(item, `${path}[]`));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, marked(item, path === '' ? name : `${path}.${name}`)]),
  );
}

it('of webhooks, installations and repositories of GitHub nothing is stored but what docs/claims.md lists', async () => {
  for (const repository of github.state.repositories.values()) repository.description = `${MARK} description`;
  const { id: installation } = github.actions.install({
    account: 'acme',
    by: 'olivia',
    repositories: ['acme/api', 'acme/web'],
  });
  await github.flush();
  const { id: workspaceId, people } = await makeWorkspace('owner');
  const [actor] = people;
  if (!actor) throw new Error('no owner');
  expect(await connect(world, { actor, workspaceId, login: 'olivia' }, installation)).toBe('connected');

  for (const [index, { name, payload }] of examples.entries()) {
    const told = { ...payload };
    if (typeof told.installation === 'object' && told.installation !== null)
      told.installation = {
        ...told.installation,
        id: told.action === 'deleted' ? 99_000 + index : installation,
      };
    const { headers, body } = github.signDelivery(name, marked(told));
    const lower = new Map(Object.entries(headers).map(([key, value]) => [key.toLowerCase(), value]));
    await receiveDelivery({
      id: lower.get('x-github-delivery') ?? null,
      event: name,
      signature: lower.get('x-hub-signature-256') ?? null,
      body: Buffer.from(body),
      origin: TEST_ORIGIN,
    });
  }
  await syncInstallation(installation);

  const dump = await dumpDatabase(environment.OWNER_DATABASE_URL ?? '');
  const stored = dump.map(([, rows]) => rows).join('\n');
  // What is to be kept is there, so the search looks at the right database.
  expect(stored).toContain('acme');
  expect(stored).toContain('github.installation_bound');
  expect(
    dump
      .filter(([, rows]) => rows.includes(MARK))
      .map(([table, rows]) => [table, rows.match(new RegExp(`${MARK}[^",]*`))?.[0]]),
  ).toEqual([]);
});
