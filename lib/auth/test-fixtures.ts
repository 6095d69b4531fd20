/** Creates users, workspaces, keys and installations for tests that need a database. */
import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, vi } from 'vitest';
import { createTestDatabase } from '../../local/test/database';
import { testPrivateKey } from '../../local/test/private-key';
import type { ApiKeyActor, RequestOrigin, UserActor, WorkloadActor } from '../actor';
import { getConfig } from '../config';
import type { Role } from '../contract/members';
import { closeDb, getDb } from '../db/client';
import { connectionWait } from '../db/pool';

export const TEST_ORIGIN: RequestOrigin = { requestId: 'test', clientIp: '192.0.2.7', userAgent: 'vitest' };

/** The origin of a request that authenticates by an API key, from `clientIp`. */
export const keyUseFrom = (clientIp: string) => ({ ...TEST_ORIGIN, clientIp, network: clientIp });
export const TEST_USE = keyUseFrom('192.0.2.7');

export function testEnvironment(databaseUrl: string): Record<string, string> {
  return {
    PULSESTREAM_ENV: 'dev',
    DATABASE_URL: databaseUrl,
    REDIS_URL: 'redis://127.0.0.1:1',
    NEXTAUTH_URL: 'http://localhost:3000',
    NEXTAUTH_SECRET: randomUUID(),
    AUTH_DEV_LOGIN: '1',
    GITHUB_APP_ID: '1',
    GITHUB_APP_SLUG: 'test',
    GITHUB_APP_CLIENT_ID: 'test',
    GITHUB_APP_CLIENT_SECRET: 'test',
    GITHUB_APP_PRIVATE_KEY: testPrivateKey(),
  };
}

/**
 * Turns this process into an app with its own database, connected as the restricted database role.
 *
 * @param prepare changes the complete environment before the app reads it
 * @returns the environment variables, for child processes; `OWNER_DATABASE_URL` connects as the database owner role
 */
export async function startTestApp(
  overrides: Record<string, string> = {},
  prepare = (environment: Record<string, string>) => environment,
): Promise<Record<string, string>> {
  // On a busy machine, PostgreSQL may take seconds to open a connection. That must not fail a test about something else.
  connectionWait.mostMs = 60_000;
  const { appUrl, ownerUrl } = await createTestDatabase();
  const environment = prepare({
    ...testEnvironment(appUrl),
    OWNER_DATABASE_URL: ownerUrl,
    ...overrides,
  });
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
  // Parse and cache the variables now, because Vitest restores the environment before the first test runs.
  getConfig();
  afterAll(closeDb);
  return environment;
}

export async function makeUser(email = `${randomUUID()}@acme.test`): Promise<UserActor> {
  const { id } = await getDb().user.create({ data: { email } });
  return { type: 'user', id, label: email };
}

/** Creates a workspace with one member for each role given. */
export async function makeWorkspace(
  ...roles: Role[]
): Promise<{ id: string; slug: string; people: UserActor[] }> {
  const slug = `w-${randomUUID().slice(0, 18)}`;
  const { id } = await getDb().workspace.create({ data: { slug, name: slug } });
  const people: UserActor[] = [];
  for (const role of roles) {
    const user = await makeUser();
    await getDb().membership.create({ data: { workspaceId: id, userId: user.id, role } });
    people.push(user);
  }
  return { id, slug, people };
}

/**
 * Stores an API key for a workspace and returns the key as an actor. It has to be stored, because mints reject unknown
 * keys.
 */
export async function makeApiKeyActor(
  workspace: { id: string; slug: string },
  { label = 'engine', repositoryIds = null }: Partial<Pick<ApiKeyActor, 'label' | 'repositoryIds'>> = {},
): Promise<ApiKeyActor> {
  const { id } = await getDb().apiKey.create({
    data: {
      workspaceId: workspace.id,
      hash: new Uint8Array(randomBytes(32)),
      displayPrefix: 'psk_dev_test',
      name: label,
      bound: repositoryIds !== null,
      repositoryIds: (repositoryIds ?? []).map(BigInt),
    },
  });
  const { slug } = workspace;
  return { type: 'api_key', id, label, workspace: { id: workspace.id, slug }, repositoryIds };
}

/** The issuer of the tokens that test rules trust. */
export const TEST_ISSUER = 'https://issuer.test';

/**
 * Stores a trust rule for a workspace, and returns the actor of a request that the rule matched. It has to be stored,
 * because mints reject unknown rules.
 */
export async function makeWorkloadActor(
  workspace: { id: string; slug: string },
  {
    subject = 'repo:acme/api:ref:refs/heads/main',
    repositoryIds = null,
    createdBy = null,
  }: { subject?: string; repositoryIds?: number[] | null; createdBy?: string | null } = {},
): Promise<WorkloadActor> {
  const { id, slug } = workspace;
  const rule = await getDb().trustRule.create({
    data: {
      workspaceId: id,
      name: 'ci',
      issuer: TEST_ISSUER,
      subject,
      bound: repositoryIds !== null,
      repositoryIds: (repositoryIds ?? []).map(BigInt),
      createdBy,
    },
    select: { id: true, name: true, revision: true },
  });
  return {
    type: 'workload',
    id: rule.id,
    label: subject,
    workspace: { id, slug },
    repositoryIds,
    issuer: TEST_ISSUER,
    subject,
    rule,
  };
}

let nextGitHubId = 1000;

/** Creates an installation with repositories in a workspace. All ids are unique within this process. */
export async function makeInstallation(
  workspaceId: string,
  fullNames: string[],
  status: 'active' | 'suspended' | 'deleted' = 'active',
): Promise<{ id: number; repositoryIds: number[] }> {
  const id = nextGitHubId++;
  const repositories = fullNames.map((fullName) => {
    const [owner = '', name = ''] = fullName.split('/');
    return { id: BigInt(nextGitHubId++), owner, name };
  });
  await getDb().installation.create({
    data: {
      id: BigInt(id),
      workspaceId,
      accountId: BigInt(id),
      accountLogin: 'acme',
      accountType: 'Organization',
      repositorySelection: 'selected',
      status,
      repositories: {
        create: repositories.map((repository) => ({
          ...repository,
          cloneUrl: 'https://github.test/x.git',
          defaultBranch: 'main',
          private: true,
        })),
      },
    },
  });
  return { id, repositoryIds: repositories.map((repository) => Number(repository.id)) };
}

/** Returns a workspace's audit events, oldest first. */
export async function readAudit(workspaceId: string) {
  return getDb().auditEvent.findMany({
    where: { workspaceId },
    orderBy: { seq: 'asc' },
    select: { type: true, actorId: true, clientIp: true, details: true },
  });
}
