import { type Config, getConfig } from '@/lib/config';
import { ApiDescription } from '@/lib/contract/operation';
import { route } from '@/lib/http/route';
import { openApiDocument, type Routes } from '@/lib/openapi/document';
import * as others from './[...path]/route';
import * as nextAuth from './auth/[...nextauth]/route';
import * as openEvidence from './evidence/open/route';
import * as evidenceByLink from './evidence/pack/route';
import * as callback from './github/callback/route';
import * as startConnect from './github/connect/route';
import * as setup from './github/setup/route';
import * as webhooks from './github/webhooks/route';
import * as live from './health/live/route';
import * as ready from './health/ready/route';
import * as reconcile from './internal/reconcile/route';
import * as metrics from './metrics/route';
import * as readableRepositories from './v1/internal/github/repositories/route';
import * as revokeToken from './v1/internal/github/token/revoke/route';
import * as mintForService from './v1/internal/github/token/route';
import * as rotateApiKey from './v1/workspaces/[workspace]/api-keys/[id]/rotate/route';
import * as apiKey from './v1/workspaces/[workspace]/api-keys/[id]/route';
import * as apiKeys from './v1/workspaces/[workspace]/api-keys/route';
import * as auditEvents from './v1/workspaces/[workspace]/audit-events/route';
import * as verifyAuditEvents from './v1/workspaces/[workspace]/audit-events/verify/route';
import * as evidencePack from './v1/workspaces/[workspace]/evidence-pack/route';
import * as installation from './v1/workspaces/[workspace]/github/installations/[id]/route';
import * as syncInstallation from './v1/workspaces/[workspace]/github/installations/[id]/sync/route';
import * as installations from './v1/workspaces/[workspace]/github/installations/route';
import * as repositories from './v1/workspaces/[workspace]/github/repositories/route';
import * as mintForUser from './v1/workspaces/[workspace]/github/token/route';
import * as member from './v1/workspaces/[workspace]/members/[id]/route';
import * as members from './v1/workspaces/[workspace]/members/route';
import * as workspace from './v1/workspaces/[workspace]/route';
import * as trustRule from './v1/workspaces/[workspace]/trust-rules/[id]/route';
import * as trustRules from './v1/workspaces/[workspace]/trust-rules/route';

const W = '/api/v1/workspaces/{workspace}';

/**
 * Serves the OpenAPI document. The handler is defined in this file because it needs the `ROUTES` table below, which in
 * turn lists the handler.
 */
export const describe = route(
  {
    access: 'public',
    limits: { address: 'api' },
    id: 'describe',
    tag: 'Reference',
    summary: 'This description, as OpenAPI 3.1',
    answer: { status: 200, description: 'The document.', schema: ApiDescription },
  },
  async () => describeApi(),
);

/**
 * Every `route.ts` in this directory, in the order used by the API reference. `routes.test.ts` checks that none is
 * missing.
 */
export const ROUTES: Routes = {
  '/api/v1/internal/github/token': mintForService,
  [`${W}/github/token`]: mintForUser,
  '/api/v1/internal/github/token/revoke': revokeToken,
  '/api/v1/internal/github/repositories': readableRepositories,
  [`${W}/github/installations`]: installations,
  [`${W}/github/repositories`]: repositories,
  [`${W}/github/installations/{id}/sync`]: syncInstallation,
  [`${W}/github/installations/{id}`]: installation,
  [`${W}/api-keys`]: apiKeys,
  [`${W}/api-keys/{id}/rotate`]: rotateApiKey,
  [`${W}/api-keys/{id}`]: apiKey,
  [`${W}/trust-rules`]: trustRules,
  [`${W}/trust-rules/{id}`]: trustRule,
  [W]: workspace,
  [`${W}/members`]: members,
  [`${W}/members/{id}`]: member,
  [`${W}/audit-events`]: auditEvents,
  [`${W}/audit-events/verify`]: verifyAuditEvents,
  [`${W}/evidence-pack`]: evidencePack,
  '/api/v1/openapi.json': { GET: describe },
  '/api/evidence/open': openEvidence,
  '/api/evidence/pack': evidenceByLink,
  '/api/github/connect': startConnect,
  '/api/github/setup': setup,
  '/api/github/callback': callback,
  '/api/github/webhooks': webhooks,
  '/api/internal/reconcile': reconcile,
  '/api/health/live': live,
  '/api/health/ready': ready,
  '/api/metrics': metrics,
  '/api/auth/{...nextauth}': nextAuth,
  '/api/{...path}': others,
};

type Document = ReturnType<typeof openApiDocument>;

let described: { config: Config; document: Document } | undefined;

/** Returns this deployment's OpenAPI document. It's built once, because it depends only on the configuration. */
export function describeApi(): Document {
  const config = getConfig();
  if (described?.config !== config) described = { config, document: openApiDocument(config, ROUTES) };
  return described.document;
}
