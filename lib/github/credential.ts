import { createHash } from 'node:crypto';
import { getConfig } from '../config';
import { appNames } from './app-names';
import type { RouteClass } from './traffic/circuits';

/** The credential of a call. An `App` call is signed with the App JWT; the others carry what they are given. */
export type Credential =
  | { as: 'app' }
  /** With the installation its calls are counted together, as GitHub does. */
  | { as: 'installation'; token: string; installationId?: number }
  | { as: 'user'; token: string }
  /** Client id and client secret, for the endpoints that manage users' tokens. */
  | { as: 'client' };

/** Returns the header that carries the credential; none for the App, whose Octokit signs by itself. */
export function authorization(credential: Credential): { authorization?: string } {
  switch (credential.as) {
    case 'app':
      return {};
    case 'installation':
    case 'user':
      return { authorization: `bearer ${credential.token}` };
    case 'client':
      return { authorization: `basic ${clientCredentials()}` };
  }
}

function clientCredentials(): string {
  const { clientSecret } = getConfig().github;
  return Buffer.from(`${appNames().clientId}:${clientSecret}`).toString('base64');
}

/** Names what GitHub counts together; calls of the App itself are few and have no bucket. */
export function bucketOf(credential: Credential, parameters: object): string | undefined {
  const { installation_id } = parameters as { installation_id?: unknown };
  if (credential.as === 'app' && installation_id !== undefined) return `app:${installation_id}`;
  if (credential.as === 'installation' && credential.installationId !== undefined)
    return `installation:${credential.installationId}`;
  if (credential.as === 'user')
    return `user:${createHash('sha256').update(credential.token).digest('base64url').slice(0, 16)}`;
  return undefined;
}

/** Tells what a call is for by its credential, where the caller names no purpose. */
export function routeClassOf(credential: Credential, parameters: object): RouteClass {
  switch (credential.as) {
    case 'user':
    case 'client':
      return 'connect';
    case 'installation':
      return 'sync';
    case 'app':
      return 'installation_id' in parameters ? 'sync' : 'app';
  }
}
