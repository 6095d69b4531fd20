/** Tests deliveries that take a single statement: each commits together with its effect, which happens exactly once. */
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { getDb } from '../db/client';
import {
  clearWorld,
  connectedScene,
  type Scene,
  signedDelivery,
  storedInstallation,
} from '../testing/test-scene';
import { startTestWorld } from '../testing/test-world';
import { receiveDelivery } from './receive';

const world = await startTestWorld();
const { github } = world;

let scene: Scene;
let repositoryId: number;
beforeEach(async () => {
  await clearWorld(world);
  scene = await connectedScene(world, {
    account: 'acme',
    by: 'olivia',
    repositories: ['acme/api', 'acme/web'],
  });
  const { id } = await getDb().repository.findFirstOrThrow({
    where: { installationId: scene.installationId, name: 'api' },
  });
  repositoryId = Number(id);
});

const about = (action: string, more: object = {}) => ({
  action,
  installation: { id: scene.installationId, account: { id: 30001, login: 'acme', type: 'Organization' } },
  sender: { id: 20001 },
  ...more,
});
const signed = (event: string, payload: unknown, guid: string = randomUUID()) =>
  signedDelivery(github, event, payload, { guid });
const stored = () => storedInstallation(scene.installationId);
const ofAnotherAccount = { installation: undefined, repository: { id: 4_711, owner: { id: 99_999 } } };

/** Returns the statements sent during `work` that touch the table of deliveries or begin or commit a transaction. */
async function statementsDuring(work: () => Promise<unknown>): Promise<string[]> {
  const send = vi.spyOn(pg.Client.prototype, 'query');
  try {
    await work();
    return send.mock.calls
      .map(([first]) =>
        typeof first === 'string' ? first : String((first as { text?: string })?.text ?? ''),
      )
      .filter((text) => /webhook_deliveries|BEGIN|COMMIT/.test(text));
  } finally {
    send.mockRestore();
  }
}

/** Returns the statements that were sent before PostgreSQL confirmed that it has stored the delivery. */
async function sentBeforeItIsStored(work: () => Promise<unknown>): Promise<string[]> {
  const query: (...args: unknown[]) => Promise<unknown> = pg.Client.prototype.query;
  const sent: string[] = [];
  let isStored = false;
  const send = vi.spyOn(pg.Client.prototype, 'query').mockImplementation(function (
    this: pg.Client,
    ...args: unknown[]
  ) {
    const [first] = args;
    const text = typeof first === 'string' ? first : String((first as { text?: string })?.text ?? '');
    if (!isStored) sent.push(text);
    const answer = query.apply(this, args);
    if (text.includes('INSERT INTO webhook_deliveries'))
      void answer.finally(() => {
        isStored = true;
      });
    return answer as never;
  });
  try {
    await work();
    return sent;
  } finally {
    send.mockRestore();
  }
}

/** A removal of one of the two repositories. */
const removed = () => about('removed', { repositories_removed: [{ id: repositoryId }] });

describe('a delivery', () => {
  it.each([
    ['without an effect', 'star', () => about('created')],
    ['that only requests a sync', 'installation_repositories', () => about('added')],
    [
      'about a repository',
      'repository',
      () => about('edited', { repository: { id: 4_711, owner: { id: 30001 } } }),
    ],
    ['about an account that is not connected', 'repository', () => about('edited', ofAnotherAccount)],
    ['of an uninstall', 'installation', () => about('deleted')],
  ])('%s is stored with its effect in one statement', async (_, event, payload) => {
    const delivery = signed(event, payload());
    expect(await statementsDuring(() => receiveDelivery(delivery))).toHaveLength(1);
    expect(await getDb().webhookDelivery.count({ where: { id: delivery.id ?? '' } })).toBe(1);
  });

  it.each([
    ['that suspends an installation', 'installation', () => about('suspend')],
    ['that removes repositories', 'installation_repositories', removed],
  ])('%s begins its transaction, is stored and takes effect in one round trip', async (_, event, payload) => {
    const body = payload();
    const sent = await sentBeforeItIsStored(() => receiveDelivery(signed(event, body)));
    sent.splice(
      0,
      sent.findIndex((text) => text.startsWith('BEGIN')),
    );
    expect(sent[1]).toMatch(/INSERT INTO webhook_deliveries/);
    expect(sent.at(-1)).toMatch(/UPDATE (installations SET status|repositories)/);
    const { revision } = await stored();
    expect(await receiveDelivery(signed(event, body))).toMatchObject({ outcome: 'duplicate' });
    expect((await stored()).status).toBe(event === 'installation' ? 'suspended' : 'active');
    expect((await stored()).revision).toBe(revision);
  });

  it.each([
    ['one id', 1],
    ['eight ids', 8],
  ])('requests one sync if it arrives eight times concurrently under %s', async (_, ids) => {
    const { revision } = await stored();
    const guids = Array.from({ length: ids }, () => randomUUID());
    const outcomes = await Promise.all(
      Array.from({ length: 8 }, (__, n) =>
        receiveDelivery(signed('installation_repositories', about('added'), guids[n % ids])),
      ),
    );
    expect(outcomes.filter(({ outcome }) => outcome === 'handled')).toHaveLength(1);
    expect((await stored()).revision).toBe(revision + 1n);
  });

  it('stops no mint a second time if an uninstall is replayed after GitHub has refuted it', async () => {
    await receiveDelivery(signed('installation', about('deleted')));
    await getDb().installation.update({
      where: { id: scene.installationId },
      data: { endSeenAt: null, endSeenBy: null },
    });
    expect(await receiveDelivery(signed('installation', about('deleted')))).toMatchObject({
      outcome: 'duplicate',
    });
    expect((await stored()).endSeenAt).toBeNull();
  });

  it('takes effect in one transaction if another body has used its id', async () => {
    const guid = randomUUID();
    await receiveDelivery(signed('star', about('created'), guid));
    expect(await receiveDelivery(signed('installation', about('deleted'), guid))).toMatchObject({
      outcome: 'handled',
    });
    expect((await stored()).endSeenAt).not.toBeNull();
  });

  it('requests syncs of every installation that shares its repository', async () => {
    const { id } = await getDb().repository.findFirstOrThrow({
      where: { installationId: scene.installationId, name: 'api' },
    });
    const received = await receiveDelivery(
      signed('repository', about('edited', { installation: undefined, repository: { id: Number(id) } })),
    );
    expect(received).toMatchObject({ outcome: 'handled', toSync: [scene.installationId], toCompare: false });
    expect((await stored()).syncRequestedAt).not.toBeNull();
  });

  it('makes the app compare with GitHub if it affects no installation that is stored', async () => {
    expect(
      await receiveDelivery(signed('repository', about('edited', { ...ofAnotherAccount, nonce: 1 }))),
    ).toMatchObject({
      outcome: 'handled',
      toSync: [],
      toCompare: true,
    });
  });
});
