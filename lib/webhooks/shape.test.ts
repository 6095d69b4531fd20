import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { effectOf } from './effects';
import { fitsEvent, KNOWN_FIELDS, readPayload } from './payload';
import { generate, publishedPayloads, seededRandom } from './test-payloads';

const require = createRequire(import.meta.url);
type Example = { name: string; examples: Record<string, unknown>[] };
const examples: Example[] = require('@octokit/webhooks-examples');
type JsonSchema = { definitions: Record<string, { properties?: Record<string, unknown> }> };
const older: JsonSchema = require('@octokit/webhooks-schemas');

const published = publishedPayloads();
const EFFECTIVE = ['installation', 'installation_repositories', 'repository'];
const ACTIONS = ['created', 'deleted', 'suspend', 'removed', 'transferred'];
const NARROWING = [
  'installation.created',
  'installation.deleted',
  'installation.suspend',
  'installation_repositories.removed',
  'repository.deleted',
  'repository.transferred',
];

/** The effect of an event that only makes the app ask GitHub. */
const onlyAsks = effectOf('installation_target', readPayload({}).payload);

const takesEffect = (event: string, body: unknown) => {
  const effect = effectOf(event, readPayload(body).payload);
  return effect !== undefined && effect !== onlyAsks;
};

describe('the body of a delivery', () => {
  it('has no top-level field that this list lacks, in any payload that GitHub publishes', () => {
    const fields = new Set([
      ...published.flatMap(({ schema }) => Object.keys(schema.properties ?? {})),
      ...examples.flatMap((event) => event.examples.flatMap((body) => Object.keys(body))),
      ...Object.entries(older.definitions)
        .filter(([name]) => /[a-z]\$[a-z]|_event$/.test(name))
        .flatMap(([, { properties }]) => Object.keys(properties ?? {})),
    ]);
    expect(fields.size).toBeGreaterThan(100);
    expect([...fields].filter((field) => !KNOWN_FIELDS.has(field))).toEqual([]);
  });

  it('takes effect as its own event, for every example that GitHub publishes', () => {
    const own = examples
      .filter(({ name }) => EFFECTIVE.includes(name))
      .flatMap(({ name, examples: bodies }) => bodies.map((body) => ({ name, body })))
      .filter(({ name, body }) => NARROWING.includes(`${name}.${body.action}`));
    expect(own.length).toBeGreaterThan(5);
    expect(own.filter(({ name, body }) => !takesEffect(name, body)).map(({ body }) => body.action)).toEqual(
      [],
    );
  });

  it('has no effect of its own when it is sent as any other event: every ordered pair', () => {
    const bodies = [
      ...examples.flatMap(({ name, examples: each }) =>
        each.map((body) => ({ name, body, isActionFree: name === 'repository_dispatch' })),
      ),
      // The smallest and the largest payload of each schema: the fewer fields, the more alike two events are.
      ...published.flatMap(({ event, action, schema }, index) =>
        [0, 0.5, 1].map((fullness) => ({
          name: event,
          body: generate(schema, seededRandom(index), fullness) as Record<string, unknown>,
          // The body is signed, so only an action that the event really has can come with it.
          isActionFree: action === undefined && schema.properties?.action !== undefined,
        })),
      ),
    ];
    const swapped = bodies.flatMap(({ name, body, isActionFree }) =>
      EFFECTIVE.filter((event) => event !== name).flatMap((event) =>
        [body, ...(isActionFree ? ACTIONS.map((action) => ({ ...body, action })) : [])].map((sent) => ({
          name,
          event,
          sent,
        })),
      ),
    );
    expect(swapped.length).toBeGreaterThan(2000);
    const believed = swapped.filter(({ event, sent }) => takesEffect(event, sent));
    expect(believed.map(({ name, event, sent }) => `${name} sent as ${event}.${sent.action}`)).toEqual([]);
  });
});

describe('a body under an unsigned event name', () => {
  const account = { id: 30001, login: 'acme', type: 'Organization' };
  const repository = { id: 1, name: 'api', full_name: 'acme/api', owner: { id: 30001 } };
  /** The smallest payload of each event that names its subject. */
  const LEAST: Record<string, Record<string, unknown>> = {
    installation: { action: 'deleted', installation: { id: 7, account } },
    installation_repositories: {
      action: 'removed',
      installation: { id: 7 },
      repositories_removed: [{ id: 1 }],
    },
    repository: { action: 'deleted', repository },
  };
  const fits = (event: string, body: object) => fitsEvent(event, readPayload(body).payload);

  it.each(Object.entries(LEAST))(
    'fits %s with all fields that any event may carry, and with future fields',
    (event, body) => {
      expect(fits(event, body)).toBe(true);
      const more = {
        organization: account,
        enterprise: { id: 1 },
        sender: { id: 2 },
        a_field_of_tomorrow: {},
      };
      expect(fits(event, { installation: { id: 7 }, ...more, ...body })).toBe(true);
    },
  );

  it.each([
    ['installation', 'names the installation by its id alone', { installation: { id: 7, node_id: 'x' } }],
    ['installation', 'names no installation', { installation: undefined }],
    ['installation_repositories', 'names no installation', { installation: undefined }],
    ['installation_repositories', 'has no list of what was removed', { repositories_removed: undefined }],
    ['repository', 'names no repository', { repository: undefined }],
    ['repository', 'names a repository without its id', { repository: { name: 'api' } }],
  ])('does not fit %s when it %s', (event, _, changed) => {
    const body = Object.fromEntries(
      Object.entries({ ...LEAST[event], ...changed }).filter(([, value]) => value !== undefined),
    );
    expect(fits(event, body)).toBe(false);
  });

  it('fits installation when its account is null, as GitHub’s description allows', () => {
    expect(fits('installation', { action: 'deleted', installation: { id: 7, account: null } })).toBe(true);
  });

  it.each(Object.keys(LEAST))('does not fit %s when it has a field of another event', (event) => {
    for (const field of ['issue', 'alert', 'team', 'package', 'comment'])
      expect(fits(event, { ...LEAST[event], [field]: {} })).toBe(false);
  });

  it('fits no event without an effect of its own', () => {
    for (const event of ['installation_target', 'issues', 'constructor', '__proto__', 'toString'])
      expect(fits(event, LEAST.installation ?? {})).toBe(false);
  });
});
