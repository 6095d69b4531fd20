/**
 * Tests syncs with every response that GitHub's OpenAPI description allows, and with malformed ones. The responses are
 * sent over HTTP to the real client.
 */
import fc from 'fast-check';
import type { AlterableAnswer } from 'offline-github';
import { answersOf } from 'offline-github/description';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { getDb } from '../db/client';
import { listInstallations } from '../installation/list';
import { log } from '../observability/log';
import {
  clearWorld,
  connectedScene,
  newPerson,
  type Scene,
  storedInstallation,
  storedNames,
} from '../testing/test-scene';
import { connect, startTestWorld } from '../testing/test-world';
import { compareInstallations } from './reconcile';
import { syncInstallation } from './sync';

const LIST = 'GET /installation/repositories';
const INSTALLATIONS = 'GET /app/installations';
const INSTALLATION = 'GET /app/installations/{installation_id}';
const USERS_LIST = 'GET /user/installations/{installation_id}/repositories';
const RUNS = { numRuns: 40, interruptAfterTimeLimit: 120_000 };

type Item = { [key: string]: unknown };
type Page = { total_count?: unknown; repositories: Item[] };

const world = await startTestWorld();
const { github } = world;
let scene: Scene;
beforeEach(async () => {
  await clearWorld(world);
  scene = await connectedScene(world, {
    account: 'acme',
    by: 'olivia',
    repositories: ['acme/api', 'acme/web'],
  });
  github.knobs.set({ webhooks: { drop: 1 } });
});

const NEXT = { link: '<https://github.test/?page=2>; rel="next"' };
const idOf = (name: string) => github.state.repositoryByName(name)?.id ?? 0;
const skipped = async () => (await listInstallations(scene.workspaceId))[0]?.skipped_count;

/** Alters one repository's item in the next responses that list it. */
function alterItem(name: string, alter: (item: Item) => unknown) {
  github.knobs.alterNextAnswers(
    LIST,
    ({ json }) => {
      const page = json as Page;
      return {
        json: {
          ...page,
          repositories: page.repositories.map((each) => (each.full_name === name ? alter(each) : each)),
        },
      };
    },
    10,
  );
}

const ODD: [string, (item: Item) => unknown][] = [
  ['without an owner', ({ owner: _, ...rest }) => rest],
  ['with an owner that is null', (item) => ({ ...item, owner: null })],
  ['with a default branch that is null', (item) => ({ ...item, default_branch: null })],
  ['with a name that is a number', (item) => ({ ...item, name: 7 })],
  ['with an empty name', (item) => ({ ...item, name: '' })],
  ['with a name that no database stores', (item) => ({ ...item, name: 'a\u0000b' })],
  ['with half a character in its name', (item) => ({ ...item, name: 'a\ud800' })],
  ['with an absurdly long name', (item) => ({ ...item, name: 'a'.repeat(5000) })],
  ['without a clone URL', (item) => ({ ...item, clone_url: null })],
  ['that is private in an unknown way', (item) => ({ ...item, private: 'internal' })],
  ['whose id is null', (item) => ({ ...item, id: null })],
  ['whose id is text', (item) => ({ ...item, id: String(item.id) })],
];

describe('a listed repository', () => {
  it.each(ODD)('skips a repository %s without removing it, and syncs the others', async (_, alter) => {
    const warn = vi.spyOn(log, 'warn');
    github.actions.addRepositories({ installation: scene.installationId, repositories: ['acme/infra'] });
    github.actions.removeRepositories({ installation: scene.installationId, repositories: ['acme/web'] });
    alterItem('acme/api', alter);
    expect(await syncInstallation(scene.installationId)).toBe('synced');
    expect(await storedNames(scene.installationId)).toEqual(['acme/api', 'acme/infra']);
    expect(await skipped()).toBe(1);
    const lines = warn.mock.calls.map(([line]) => JSON.stringify(line));
    expect(lines).toContainEqual(expect.stringMatching(/"count":1,.*"name":"acme\/api"/));
  });

  it.each(ODD)('does not store a new repository %s, and counts it as skipped', async (_, alter) => {
    github.actions.addRepositories({ installation: scene.installationId, repositories: ['acme/infra'] });
    alterItem('acme/infra', alter);
    expect(await syncInstallation(scene.installationId)).toBe('synced');
    expect(await storedNames(scene.installationId)).toEqual(['acme/api', 'acme/web']);
    expect(await skipped()).toBe(1);
    github.knobs.reset();
    expect(await syncInstallation(scene.installationId)).toBe('synced');
    expect(await storedNames(scene.installationId)).toContain('acme/infra');
    expect(await skipped()).toBe(0);
  });

  it('skips an id beyond 2^53, and never stores a rounded one', async () => {
    const huge = 9_007_199_254_740_993n;
    github.actions.addRepositories({ installation: scene.installationId, repositories: ['acme/infra'] });
    alterItem('acme/infra', (item) => ({ ...item, id: huge }));
    expect(await syncInstallation(scene.installationId)).toBe('synced');
    const ids = (await getDb().repository.findMany({ where: { installationId: scene.installationId } })).map(
      ({ id }) => id,
    );
    expect(ids.sort()).toEqual([BigInt(idOf('acme/api')), BigInt(idOf('acme/web'))].sort());
    expect(await skipped()).toBe(1);
  });

  it('keeps all stored repositories if a listed item has neither id nor name', async () => {
    github.actions.removeRepositories({ installation: scene.installationId, repositories: ['acme/web'] });
    alterItem('acme/api', () => null);
    expect(await syncInstallation(scene.installationId)).toBe('synced');
    expect(await storedNames(scene.installationId)).toEqual(['acme/api', 'acme/web']);
  });

  it('is stored even if GitHub adds fields or a new visibility', async () => {
    alterItem('acme/api', (item) => ({
      ...item,
      visibility: 'internal',
      tomorrow: { x: [null] },
      archived: undefined,
    }));
    expect(await syncInstallation(scene.installationId)).toBe('synced');
    expect(await skipped()).toBe(0);
  });
});

/** Splits the list into pages of these sizes. Every page except the last links to the next page. */
function pages(
  sizes: number[],
  total: (count: number) => unknown,
  repeat: (page: number, all: Item[]) => Item[] = () => [],
  { linked = true } = {},
) {
  let all: Item[] = [];
  github.knobs.alterNextAnswers(
    LIST,
    ({ json, headers }, { page }): Partial<AlterableAnswer> => {
      const given = json as Page;
      if (page === 1) all = given.repositories;
      const from = sizes.slice(0, page - 1).reduce((sum, size) => sum + size, 0);
      const repositories = [...all.slice(from, from + (sizes[page - 1] ?? 0)), ...repeat(page, all)];
      const { link: _, ...rest } = headers;
      return {
        json: { ...given, total_count: total(all.length), repositories },
        headers: !linked
          ? rest
          : page < sizes.length
            ? { ...rest, ...NEXT }
            : { ...rest, link: '<https://github.test/?page=1>; rel="first"' },
      };
    },
    200,
  );
}

describe('a list of repositories', () => {
  const same = (count: number) => count;
  it.each<[string, () => void]>([
    ['whose pages are shorter than requested', () => pages([1, 1, 1], same)],
    ['with an empty page in the middle', () => pages([1, 0, 0, 2], same)],
    ['that ends with an empty page', () => pages([3, 0], same)],
    [
      'that has an item on two pages',
      () => pages([2, 1], same, (page, all) => (page === 2 ? all.slice(0, 1) : [])),
    ],
    ['whose count is always too high', () => pages([3], (count) => count + 40)],
    ['whose count is absurd', () => pages([2, 1], () => 9_000_000_000)],
    ['whose count is always too low', () => pages([1, 2], () => 1)],
    ['whose links a gateway drops', () => pages([1, 1, 1], same, undefined, { linked: false })],
    [
      'without links, and with a count too high',
      () => pages([1, 2], (n) => n + 400, undefined, { linked: false }),
    ],
    ['without a count', () => pages([2, 1], () => undefined)],
    ['whose count is null', () => pages([2, 1], () => null)],
    ['whose count is beyond 2^53', () => pages([3], () => 9_007_199_254_740_993n)],
  ])('%s is synced to its last page, and repositories missing from it are removed', async (_, arrange) => {
    github.actions.addRepositories({ installation: scene.installationId, repositories: ['acme/infra'] });
    const { id } = github.actions.createRepository({ account: 'acme', name: `gone-${Math.random()}` });
    github.actions.addRepositories({ installation: scene.installationId, repositories: [id] });
    expect(await syncInstallation(scene.installationId)).toBe('synced');
    github.actions.removeRepositories({ installation: scene.installationId, repositories: [id] });
    arrange();
    expect(await syncInstallation(scene.installationId)).toBe('synced');
    expect(await storedNames(scene.installationId)).toEqual(['acme/api', 'acme/infra', 'acme/web']);
    expect(await skipped()).toBe(0);
  });

  it('stops reading an endless list after some pages, and removes nothing', async () => {
    github.knobs.alterNextAnswers(
      LIST,
      ({ json, headers }) => ({
        json: { ...(json as Page), repositories: [] },
        headers: { ...headers, ...NEXT },
      }),
      10_000,
    );
    github.requests.clear();
    expect(await syncInstallation(scene.installationId)).toBe('synced');
    expect(await storedNames(scene.installationId)).toEqual(['acme/api', 'acme/web']);
    expect(github.requests.filter({ route: LIST }).length).toBeLessThan(30);
  });

  it('removes nothing if the list differs each time it is read', async () => {
    let reading = 0;
    github.knobs.alterNextAnswers(
      LIST,
      ({ json }, { page }) => {
        const given = json as Page;
        if (page === 1) reading += 1;
        return {
          json: {
            ...given,
            total_count: 7,
            repositories: given.repositories.slice(reading % 2, (reading % 2) + 1),
          },
        };
      },
      10,
    );
    expect(await syncInstallation(scene.installationId)).toBe('synced');
    expect(await storedNames(scene.installationId)).toEqual(['acme/api', 'acme/web']);
  });
});

/** Malformed values that replace a field's value. `undefined` removes the field. */
const ODD_VALUES: unknown[] = [
  null,
  '',
  'a\u0000b',
  '\ud800',
  -1,
  0.5,
  9_007_199_254_740_993n,
  [],
  {},
  true,
  undefined,
];
const spoiled = (items: fc.Arbitrary<unknown>) =>
  fc
    .tuple(items, fc.nat(), fc.constantFrom(...ODD_VALUES), fc.boolean())
    .map(([item, at, value, isSpoiled]) => {
      if (!isSpoiled || item === null || typeof item !== 'object') return item;
      const keys = Object.keys(item);
      return { ...item, [keys[at % keys.length] ?? 'id']: value };
    });
const generated = (route: string, field: string | null) =>
  spoiledEach(answersOf(route, 200, { surprises: true }).map((answer) => itemsOf(answer, field)));
const itemsOf = (answer: unknown, field: string | null): unknown[] =>
  (field === null ? answer : (answer as Item)[field]) as unknown[];
const spoiledEach = (lists: fc.Arbitrary<unknown[]>) =>
  lists.chain((list) => fc.tuple(...list.map((item) => spoiled(fc.constant(item)))));

describe('any response that GitHub’s description allows, and malformed ones', () => {
  it('never stop a sync, which stores each readable item under its own id and nothing else', async () => {
    const [api, web] = [idOf('acme/api'), idOf('acme/web')];
    await fc.assert(
      fc.asyncProperty(generated(LIST, 'repositories'), async (items) => {
        const served = new Set<unknown>([api, web]);
        github.knobs.alterNextAnswers(
          LIST,
          ({ json }) => {
            const given = json as Page;
            for (const item of items) served.add((item as Item | null)?.id);
            const repositories = [...(items as Item[]), ...given.repositories];
            return { json: { ...given, total_count: repositories.length, repositories } };
          },
          2,
        );
        expect(await syncInstallation(scene.installationId)).toBe('synced');
        github.knobs.reset();
        github.knobs.set({ webhooks: { drop: 1 } });
        const stored = await getDb().repository.findMany({
          where: { installationId: scene.installationId, removedAt: null },
        });
        const ids = stored.map(({ id }) => Number(id));
        expect(ids).toEqual(expect.arrayContaining([api, web]));
        expect(ids.filter((id) => !served.has(id))).toEqual([]);
        await getDb().repository.deleteMany({
          where: { installationId: scene.installationId, id: { notIn: [api, web] } },
        });
      }),
      RUNS,
    );
  });

  it('never stop the comparison of installations or end one', async () => {
    await fc.assert(
      fc.asyncProperty(generated(INSTALLATIONS, null), async (items) => {
        const others = items.filter((item) => (item as Item | null)?.id !== scene.installationId);
        github.knobs.alterNextAnswers(INSTALLATIONS, ({ json }) => ({
          json: [...others, ...(json as Item[])],
        }));
        await compareInstallations(new Date());
        const { status, syncRequestedAt } = await storedInstallation(scene.installationId);
        expect({ status, syncRequestedAt }).toEqual({ status: 'active', syncRequestedAt: null });
      }),
      RUNS,
    );
  });

  it('stop an installation’s sync only while they last, and never widen access', async () => {
    await fc.assert(
      fc.asyncProperty(spoiled(answersOf(INSTALLATION, 200, { surprises: true })), async (answer) => {
        github.knobs.alterNextAnswers(INSTALLATION, ({ json }) => ({
          json: { ...(answer as Item), id: (json as Item).id },
        }));
        expect(['synced', 'failed']).toContain(await syncInstallation(scene.installationId));
        expect(await storedNames(scene.installationId)).toEqual(['acme/api', 'acme/web']);
        github.knobs.reset();
        github.knobs.set({ webhooks: { drop: 1 } });
        expect(await syncInstallation(scene.installationId)).toBe('synced');
        const stored = await storedInstallation(scene.installationId);
        expect(stored).toMatchObject({
          accountLogin: 'acme',
          status: 'active',
          repositorySelection: 'selected',
        });
      }),
      RUNS,
    );
  });
});

describe('an installation', () => {
  it('keeps its stored name when GitHub does not name its account', async () => {
    for (const route of [INSTALLATION, INSTALLATIONS])
      github.knobs.alterNextAnswers(
        route,
        ({ json }) => ({
          json: Array.isArray(json)
            ? json.map((each) => ({ ...each, account: null }))
            : { ...(json as Item), account: null },
        }),
        1,
      );
    await compareInstallations(new Date());
    expect((await storedInstallation(scene.installationId)).syncRequestedAt).toBeNull();
    expect(await syncInstallation(scene.installationId)).toBe('synced');
    expect((await storedInstallation(scene.installationId)).accountLogin).toBe('acme');
  });

  it('is suspended even if the time of its suspension is unreadable', async () => {
    github.knobs.alterNextAnswers(INSTALLATION, ({ json }) => ({
      json: { ...(json as Item), suspended_at: 'just now' },
    }));
    expect(await syncInstallation(scene.installationId)).toBe('synced');
    expect((await storedInstallation(scene.installationId)).status).toBe('suspended');
  });

  it('does not count as absent if its item in the list is unreadable', async () => {
    github.knobs.alterNextAnswers(INSTALLATIONS, ({ json }) => ({
      json: (json as Item[]).map(({ id }) => ({ id, account: 'acme' })),
    }));
    await compareInstallations(new Date(Date.now() + 60_000));
    expect((await storedInstallation(scene.installationId)).syncRequestedAt).toBeNull();
  });
});

describe('a sync’s token', () => {
  it.each([
    ['has only the required fields', ({ token, expires_at }: Item) => ({ token, expires_at })],
    [
      'has a selection that does not exist yet',
      (answer: Item) => ({ ...answer, repository_selection: 'some' }),
    ],
    [
      'has nulls',
      (answer: Item) => ({ ...answer, permissions: null, repository_selection: null, repositories: null }),
    ],
    [
      'lists repositories that cannot be read',
      (answer: Item) => ({ ...answer, repositories: [null, { id: 'x' }] }),
    ],
  ])('is used and revoked even if GitHub’s response %s', async (_, alter) => {
    const MINT = 'POST /app/installations/{installation_id}/access_tokens';
    github.knobs.alterNextAnswers(MINT, ({ json }) => ({ json: alter(json as Item) }));
    github.requests.clear();
    expect(await syncInstallation(scene.installationId)).toBe('synced');
    expect(github.requests.filter({ route: 'DELETE /installation/token', status: 204 })).toHaveLength(1);
  });
});

describe('a proof of ownership', () => {
  const first =
    (alter: (item: Item) => unknown) =>
    ({ json }: AlterableAnswer) => {
      const given = json as Page;
      return {
        json: {
          ...given,
          repositories: given.repositories.map((each, at) => (at === 0 ? alter(each) : each)),
        },
      };
    };

  it.each<[string, string, (item: Item) => unknown]>([
    ['has no permissions', USERS_LIST, ({ permissions: _, ...rest }) => rest],
    ['has permissions that are null', USERS_LIST, (item) => ({ ...item, permissions: null })],
    ['has a malformed admin permission', USERS_LIST, (item) => ({ ...item, permissions: { admin: 'true' } })],
    [
      'has an id beyond 2^53 in the user’s list',
      USERS_LIST,
      (item) => ({ ...item, id: 9_007_199_254_740_993n }),
    ],
    ['is null in the user’s list', USERS_LIST, () => null],
    ['is unreadable in the installation’s list', LIST, (item) => ({ ...item, name: null })],
    [
      'has an id beyond 2^53 in the installation’s list',
      LIST,
      (item) => ({ ...item, id: 9_007_199_254_740_993n }),
    ],
  ])('does not hold for a repository that %s', async (_, route, alter) => {
    const eve = await newPerson('eve');
    const { id } = github.actions.install({
      account: 'globex',
      by: 'eve',
      repositories: ['globex/reactor', 'globex/website'],
    });
    github.knobs.alterNextAnswers(route, first(alter), 20);
    expect(await connect(world, eve, id)).not.toBe('connected');
    github.knobs.reset();
    github.knobs.set({ webhooks: { drop: 1 } });
    expect(await connect(world, eve, id)).toBe('connected');
  });

  it.each<[string, string]>([
    ['the user’s list', USERS_LIST],
    ['the installation’s list', LIST],
  ])('does not hold while %s never ends', async (_, route) => {
    const eve = await newPerson('eve');
    const { id } = github.actions.install({ account: 'globex', by: 'eve', repositories: ['globex/reactor'] });
    github.knobs.alterNextAnswers(route, ({ headers }) => ({ headers: { ...headers, ...NEXT } }), 10_000);
    expect(await connect(world, eve, id)).not.toBe('connected');
  });
});
