import { z } from 'zod';
import { withExample } from './example';
import { Slug } from './members';
import { GitHubIdParam } from './pagination';

/** The fields of the forms behind the "Connect GitHub" and "Link it" buttons. */
export const ConnectForm = withExample(
  z.strictObject({
    workspace: Slug,
    intent: z.enum(['install', 'link']).default('install'),
    installation_id: GitHubIdParam.optional(),
  }),
  { workspace: 'acme' },
);

/**
 * Parameters that GitHub adds to the Setup URL. Anybody can open that URL with any parameters, so an invalid one is
 * treated as absent.
 */
export const SetupQuery = z.object({
  installation_id: GitHubIdParam.optional().catch(undefined),
  setup_action: z.enum(['install', 'update', 'request']).optional().catch(undefined),
  state: z.string().min(1).max(200).optional().catch(undefined),
});

const SSO_PATH = /^\/(orgs|enterprises)\/[A-Za-z0-9](?:[A-Za-z0-9_-]{0,98})\/sso$/;

/** True if the path is the single sign-on page of an organization or enterprise; false otherwise. */
export function isSsoPath(path: string): boolean {
  return SSO_PATH.test(path);
}

/** Parameters that GitHub adds to the OAuth callback. */
export const CallbackQuery = z.object({
  code: z.string().min(1).max(200).optional().catch(undefined),
  state: z.string().min(1).max(200).optional().catch(undefined),
  error: z.string().max(100).optional().catch(undefined),
});
