/** Sets up the scene in which most tests of connections (`*.db.test.ts`) begin. */

import type { OfflineGitHub } from 'offline-github';
import { expect, vi } from 'vitest';
import type { UserActor } from '../actor';
import { makeWorkspace, TEST_ORIGIN } from '../auth/test-fixtures';
import { getDb } from '../db/client';
import { execute, sql } from '../db/sql';
import type { Delivery } from '../webhooks/receive';
import { connect, type TestWorld } from './test-world';

export type Scene = { workspaceId: string; slug: string; actor: UserActor; installationId: number };

/** Resets the offline GitHub and the stored state, so no installation, pending delivery or fault is left. */
export async function clearWorld({ github }: TestWorld): Promise<void> {
  github.knobs.reset();
  for (const { id } of [...github.state.installations.values()])
    github.actions.uninstall({ installation: id });
  await github.flush();
  await execute(
    getDb(),
    sql`UPDATE installations SET status = 'deleted', sync_retry_at = NULL,
      uninstall_requested_at = NULL`,
  );
  await execute(
    getDb(),
    sql`UPDATE reconcile_state SET lease = NULL, leased_until = NULL, retry_at = NULL,
      failures = 0, error = NULL, checked_at = NULL`,
  );
  github.deliveries.clear();
  github.requests.clear();
}

/** Creates a workspace with one admin. */
export async function newPerson(
  login: string,
): Promise<{ workspaceId: string; slug: string; actor: UserActor; login: string }> {
  const { id: workspaceId, slug, people } = await makeWorkspace('admin');
  const [actor] = people;
  if (!actor) throw new Error('no admin');
  return { workspaceId, slug, actor, login };
}

type Connected = {
  account: string;
  by: string;
  repositories?: string[];
  /** How long the first sync may take. Thousands of repositories need more than a minute on a very busy machine. */
  syncMs?: number;
};

/** Creates a workspace that is connected to an organization. */
export async function connectedScene(
  world: TestWorld,
  { account, by, repositories, syncMs = 60_000 }: Connected,
): Promise<Scene> {
  const { github } = world;
  const { workspaceId, slug, actor } = await newPerson(by);
  const { id } = github.actions.install({
    account,
    by,
    ...(repositories === undefined ? {} : { repositories }),
  });
  await github.flush();
  expect(await connect(world, { actor, workspaceId, login: by }, id)).toBe('connected');
  // Uses `vi.waitFor`, because `expect.poll` refuses to run in `beforeAll`.
  await vi.waitFor(async () => expect((await storedInstallation(id)).syncRequestedAt).toBeNull(), {
    timeout: syncMs,
  });
  github.requests.clear();
  return { workspaceId, slug, actor, installationId: id };
}

export function storedInstallation(id: number) {
  return getDb().installation.findUniqueOrThrow({ where: { id } });
}

/** Returns the full names of the repositories stored as shared, sorted. */
export async function storedNames(installationId: number): Promise<string[]> {
  const rows = await getDb().repository.findMany({ where: { installationId, removedAt: null } });
  return rows.map(({ owner, name }) => `${owner}/${name}`).sort();
}

/** Returns a delivery as it looks once its signature has been verified, for tests that skip the HTTP route. */
export function signedDelivery(
  github: OfflineGitHub,
  event: string,
  payload: unknown,
  given: { secret?: string; guid?: string } = {},
): Delivery {
  const { headers, body } = github.signDelivery(event, payload, given);
  const lower = Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
  return {
    id: lower['x-github-delivery'] ?? null,
    event: lower['x-github-event'] ?? null,
    body: Buffer.from(body),
    origin: TEST_ORIGIN,
  };
}
