import type { HttpContext } from '../http-env';
import type { Account, Installation } from '../state/types';
import { hashToken, type InstallationTokenRecord, type UserTokenRecord } from '../tokens';
import type { World } from '../world';
import { verifyAppJwt } from './app-jwt';
import { ApiError, badCredentials, notAccessible, notFound, suspended, undecodableJwt } from './errors';

export interface InstallationCredential {
  kind: 'installation';
  record: InstallationTokenRecord;
  installation: Installation;
}
export interface UserCredential {
  kind: 'user';
  record: UserTokenRecord;
  user: Account;
}
export type TokenCredential = InstallationCredential | UserCredential;
export type Credential = TokenCredential | { kind: 'app' } | { kind: 'none' };

const GITHUB_TOKEN = /^gh[a-z]_/;

/** Returns the token of an `Authorization: Bearer …` or `Authorization: token …` header, or null. */
export function bearerOf(c: HttpContext): string | null {
  const header = c.req.header('authorization') ?? '';
  const found = /^(?:bearer|token) +(\S+)$/i.exec(header);
  return found?.[1] ?? null;
}

/**
 * Resolves a token to its credential.
 * @throws ApiError 401 if the token is invalid, 403 if its installation is suspended, or the status from the
 * `replicationStatus` knob if the token is not replicated yet
 */
export function resolveToken(world: World, token: string): TokenCredential {
  const record = world.tokens.find(token);
  if (!record) throw badCredentials();
  if (record.kind === 'user') {
    const user = world.state.accounts.get(record.userId);
    if (!user) throw badCredentials();
    return { kind: 'user', record, user };
  }
  const installation = world.state.installations.get(record.installationId);
  if (!installation) throw badCredentials();
  if (record.activeAt > world.clock.now()) throw replicationLag(world);
  if (installation.suspendedAt !== null) throw suspended();
  return { kind: 'installation', record, installation };
}

function replicationLag(world: World): ApiError {
  const answers = { 401: badCredentials, 403: notAccessible, 404: notFound } as const;
  return answers[world.knobs.current.replicationStatus]();
}

/** Identifies the caller, and records the credential's hash in the request log. */
export function authenticate(world: World, c: HttpContext): Credential {
  const entry = c.get('entry');
  const bearer = bearerOf(c);
  if (bearer === null) {
    if (c.req.header('authorization') !== undefined) throw badCredentials();
    return { kind: 'none' };
  }
  entry.auth = 'invalid';
  entry.credentialHash = hashToken(bearer);
  if (!GITHUB_TOKEN.test(bearer)) {
    if (bearer.split('.').length !== 3) throw badCredentials();
    verifyAppJwt(bearer, world.settings, world.keys, world.clock);
    entry.auth = 'app';
    return { kind: 'app' };
  }
  const credential = resolveToken(world, bearer);
  entry.auth = credential.kind;
  if (credential.kind === 'installation') entry.installationId = credential.installation.id;
  audit(world, c, credential);
  return credential;
}

function audit(world: World, c: HttpContext, credential: TokenCredential): void {
  const isUser = credential.kind === 'user';
  const account = isUser ? null : world.state.account(credential.installation.accountId);
  const { route, method } = c.get('entry');
  world.auditLog.add({
    action: 'api.request',
    actor: isUser ? credential.user.login : `${world.settings.slug}[bot]`,
    actor_id: isUser ? credential.user.id : null,
    ...(account?.type === 'Organization' && { org: account.login, org_id: account.id }),
    ...(!isUser && { installation_id: credential.installation.id }),
    hashed_token: credential.record.hash,
    programmatic_access_type: isUser
      ? 'GitHub App user-to-server token'
      : 'GitHub App server-to-server token',
    request_method: method,
    route,
  });
}

export function requireApp(world: World, c: HttpContext): void {
  const bearer = bearerOf(c);
  const entry = c.get('entry');
  if (bearer === null) throw undecodableJwt();
  entry.auth = 'invalid';
  entry.credentialHash = hashToken(bearer);
  verifyAppJwt(bearer, world.settings, world.keys, world.clock);
  entry.auth = 'app';
}

export function requireInstallation(world: World, c: HttpContext): InstallationCredential {
  const credential = authenticate(world, c);
  if (credential.kind === 'installation') return credential;
  if (credential.kind === 'none') throw new ApiError(401, 'Requires authentication');
  throw new ApiError(
    403,
    'You must authenticate with an installation access token in order to list repositories for an installation.',
  );
}

export function requireUser(world: World, c: HttpContext): UserCredential {
  const credential = authenticate(world, c);
  if (credential.kind === 'user') return credential;
  if (credential.kind === 'none') throw new ApiError(401, 'Requires authentication');
  throw notAccessible();
}
