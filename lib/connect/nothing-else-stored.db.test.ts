/**
 * Checks that the app stores only the data listed in docs/claims.md. The test replaces all other strings from GitHub
 * with a marker, which must not turn up in the database.
 */
import payloads from '@octokit/webhooks-examples/api.github.com/index.json' with { type: 'json' };
import { expect, it } from 'vitest';
import { dumpDatabase } from '../../local/services/postgres/dump';
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

/** Fields that keep their values, because they are stored or decide how an event is handled. */
const KEPT =
  /^(action|installation\.(account\.(login|slug|type)|repository_selection|created_at|updated_at)|repository\.(name|full_name))$/;

/** Returns the payload with every string that must not be stored replaced by the marker. */
function marked(value: unknown, path = ''): unknown {
  if (typeof value === 'string') return KEPT.test(path) ? value : `${MARK} ${path}`;
  if (Array.isArray(value)) return value.map((item) => marked(item, `${path}[]`));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, marked(item, path === '' ? name : `${path}.${name}`)]),
  );
}

it('stores only the fields of webhooks, installations and repositories that docs/claims.md lists', async () => {
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
      body: Buffer.from(body),
      origin: TEST_ORIGIN,
    });
  }
  await syncInstallation(installation);

  const dump = await dumpDatabase(environment.OWNER_DATABASE_URL ?? '');
  const stored = dump.map(([, rows]) => rows).join('\n');
  // These values must be stored, so finding them proves that the search reads the right database.
  expect(stored).toContain('acme');
  expect(stored).toContain('github.installation_bound');
  expect(
    dump
      .filter(([, rows]) => rows.includes(MARK))
      .map(([table, rows]) => [table, rows.match(new RegExp(`${MARK}[^",]*`))?.[0]]),
  ).toEqual([]);
});
