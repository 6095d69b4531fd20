import type { NextRequest } from 'next/server';
import { type AuthenticatedKey, authenticateApiKey } from '../api-keys/key';
import { refusedService } from '../problem';
import type { AuthenticatedWorkload } from '../workload/authenticate';
import type { RequestContext } from './request';

/** A program of a workspace, with the workspace's installations. */
export type AuthenticatedService = AuthenticatedKey | AuthenticatedWorkload;

/**
 * Authenticates a service by an API key or an identity token. Only a token has dots, so the code that verifies tokens is
 * loaded with the first of them.
 *
 * @param isUsedUp true if the route accepts a token that has an id only once
 * @throws {Problem} `unauthenticated`, `forbidden`, `invalid_request`, `overloaded`
 */
export async function authenticateService(
  credential: string | null,
  { headers }: NextRequest,
  context: RequestContext,
  isUsedUp: boolean,
): Promise<AuthenticatedService> {
  const workspace = headers.get('x-workspace');
  if (credential?.includes('.') === true) {
    const { authenticateWorkload } = await import('../workload/authenticate');
    return authenticateWorkload(credential, { workspace, clientIp: context.clientIp, isUsedUp });
  }
  const key = await authenticateApiKey(credential, context);
  if (workspace !== null && workspace !== key.workspace.slug) throw refusedService();
  return key;
}
