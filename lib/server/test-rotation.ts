/** Runs an app whose secrets are files, and sends it requests while a secret is rotated. For tests. */
import { readFileSync } from 'node:fs';
import { NextRequest } from 'next/server';
import { afterAll, beforeAll, beforeEach, vi } from 'vitest';
import { POST as mintForService } from '../../app/api/v1/internal/github/token/route';
import { createApiKey } from '../api-keys/manage';
import { TEST_ORIGIN } from '../auth/test-fixtures';
import type { SecretPart } from '../config/secret-files';
import { moveSecretsToFiles, type SecretFolder } from '../config/test-secret-folder';
import { connectedScene, type Scene } from '../testing/test-scene';
import { startTestWorld, type TestWorld } from '../testing/test-world';
import { createSecretRotation } from './rotate-secrets';

/** Concurrent callers, and the requests that each completes before and after the rotation. */
const CALLERS = 3;
const ROUNDS = 5;

let clients = 0;

/** Creates a request from a client of its own, so that no limit is reached. */
export function request(
  path: string,
  headers: Record<string, string>,
  { method = 'POST', body }: { method?: 'GET' | 'POST'; body?: string } = {},
): NextRequest {
  const from = `10.1.${clients >> 8}.${clients++ & 255}`;
  return new NextRequest(`http://localhost:3000${path}`, {
    method,
    headers: { 'x-forwarded-for': from, ...headers },
    ...(body === undefined ? {} : { body }),
  });
}

/** Returns the next of these values at each call, from the first again after the last. */
export function inTurn<T>(values: readonly T[]): () => T {
  let calls = 0;
  return () => values[calls++ % values.length] as T;
}

/** Mints for a service with this API key. */
export const mintWith = (key: string): Promise<Response> =>
  mintForService(request('/api/v1/internal/github/token', { authorization: `Bearer ${key}` }), {
    params: Promise.resolve(undefined),
  });

/**
 * Sends requests before, during and after `work`.
 *
 * @returns their statuses, each once
 */
export async function underLoad(
  send: () => Promise<{ status: number }>,
  work: () => Promise<void>,
): Promise<number[]> {
  const statuses = new Set<number>();
  let isOver = false;
  let left = CALLERS * ROUNDS;
  let begun = () => {};
  const warm = new Promise<void>((resolve) => {
    begun = resolve;
  });
  const call = async () => {
    for (let after = 0; after < ROUNDS; after += isOver ? 1 : 0) {
      statuses.add((await send()).status);
      if (--left === 0) begun();
    }
  };
  const callers = Promise.all(Array.from({ length: CALLERS }, call));
  await Promise.race([warm, callers]);
  await work().finally(() => {
    isOver = true;
  });
  await callers;
  return [...statuses];
}

/**
 * Returns the commands in a section of docs/operations.md.
 *
 * @param values what to put in place of the words in capital letters
 */
export function documented(section: string, language: string, values: Record<string, string>): string[] {
  const [, text = ''] = readFileSync('docs/operations.md', 'utf8').split(`\n### ${section}\n`);
  const [ours = ''] = text.split('\n### ');
  return [...ours.matchAll(new RegExp(`\`\`\`${language}\\s+(.*)`, 'g'))].map(([, command = '']) =>
    command.replace(/\b(YOUR_ROLE|YOUR_SECOND_ROLE|YOUR_USER|NEW|OLD)\b/g, (name) => values[name] ?? name),
  );
}

export type RotatedApp = {
  world: TestWorld;
  scene(): Scene;
  /** Mints with an API key of the scene's workspace. */
  mint(): Promise<Response>;
  /**
   * Changes the secrets, and reads the files until the changes are in use or refused.
   *
   * @returns the parts of the configuration that were replaced
   */
  update(changes: Record<string, string | undefined>): Promise<SecretPart[]>;
  /** Changes the secrets, and reads the files once. Returns the same as `update`. */
  readOnce(changes: Record<string, string | undefined>): Promise<SecretPart[]>;
  /** The app's first `DATABASE_URL`. */
  databaseUrl: string;
};

/** Starts the app for one test file, with a connected workspace. */
export async function startRotatedApp(): Promise<RotatedApp> {
  let folder: SecretFolder | undefined;
  let databaseUrl = '';
  const world = await startTestWorld(
    { RATE_LIMIT_INTERNAL_PER_MINUTE: '100000', RATE_LIMIT_USER_PER_MINUTE: '100000' },
    {},
    (environment) => {
      databaseUrl = environment.DATABASE_URL ?? '';
      const moved = moveSecretsToFiles(environment);
      folder = moved.folder;
      return moved.environment;
    },
  );
  const rotate = createSecretRotation();
  let scene: Scene;
  let key = '';
  beforeAll(async () => {
    scene = await connectedScene(world, { account: 'acme', by: 'olivia' });
    const administration = { workspaceId: scene.workspaceId, actor: scene.actor, origin: TEST_ORIGIN };
    ({ key } = await createApiKey(administration, { name: 'engine' }));
  });
  beforeEach(() => {
    for (const [name, value] of Object.entries(world.environment)) vi.stubEnv(name, value);
  });
  afterAll(() => folder?.remove());
  const readOnce: RotatedApp['readOnce'] = async (changes) => {
    folder?.update(changes);
    return (await rotate()).replaced;
  };
  return {
    world,
    scene: () => scene,
    mint: () => mintWith(key),
    // The first reading only notices a change, and the second one uses it.
    update: async (changes) => [...(await readOnce(changes)), ...(await readOnce({}))],
    readOnce,
    databaseUrl,
  };
}
