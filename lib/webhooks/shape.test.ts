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

/** The effect of an event that only makes the app sync with GitHub. */
const onlyAsks = effectOf('installation_target', readPayload({}).payload);

const takesEffect = (event: string, body: unknown) => {
  const effect = effectOf(event, readPayload(body).payload);
  return effect !== undefined && effect !== onlyAsks;
};

describe('the body of a delivery', () => {
  it('has only top-level fields that the list contains, in every payload that GitHub publishes', () => {
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

  it('has no direct effect if it is sent as any other event', () => {
    const bodies = [
      ...examples.flatMap(({ name, examples: each }) =>
        each.map((body) => ({ name, body, isActionFree: name === 'repository_dispatch' })),
      ),
      // Payloads with the required, some or all fields of each schema. With fewer fields, payloads of two events look
      // more alike.
      ...published.flatMap(({ event, action, schema }, index) =>
        [0, 0.5, 1].map((fullness) => ({
          name: event,
          body: generate(schema, seededRandom(index), fullness) as Record<string, unknown>,
          // Whether the sender chooses the action, as in `repository_dispatch`. All other actions are set by GitHub.
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
  /** The smallest payload of each event that still identifies its subject. */
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
    'fits %s with all fields that any event may have, and with future fields',
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
    ['installation', 'contains only the installation’s id', { installation: { id: 7, node_id: 'x' } }],
    ['installation', 'names no installation', { installation: undefined }],
    ['installation_repositories', 'names no installation', { installation: undefined }],
    ['installation_repositories', 'has no list of removed repositories', { repositories_removed: undefined }],
    ['repository', 'names no repository', { repository: undefined }],
    ['repository', 'names a repository without its id', { repository: { name: 'api' } }],
  ])('does not fit %s if it %s', (event, _, changed) => {
    const body = Object.fromEntries(
      Object.entries({ ...LEAST[event], ...changed }).filter(([, value]) => value !== undefined),
    );
    expect(fits(event, body)).toBe(false);
  });

  it('fits installation if its account is null, which GitHub’s description allows', () => {
    expect(fits('installation', { action: 'deleted', installation: { id: 7, account: null } })).toBe(true);
  });

  it.each(Object.keys(LEAST))('does not fit %s if it has another event’s field', (event) => {
    for (const field of ['issue', 'alert', 'team', 'package', 'comment'])
      expect(fits(event, { ...LEAST[event], [field]: {} })).toBe(false);
  });

  it('fits no event that has no direct effect', () => {
    for (const event of ['installation_target', 'issues', 'constructor', '__proto__', 'toString'])
      expect(fits(event, LEAST.installation ?? {})).toBe(false);
  });
});
