import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { Hono } from 'hono';
import type { HttpContext, HttpEnv } from '../http-env';
import type { World } from '../world';
import { decideAccess, type GitAccess, type GitService } from './access';
import { runHttpBackend } from './http-backend';

type Granted = Extract<GitAccess, { granted: true }>;

/** Returns the routes for clone, fetch and push over smart HTTP. https://git-scm.com/docs/http-protocol */
export function gitRoutes(world: World): Hono<HttpEnv> {
  const routes = new Hono<HttpEnv>();

  routes.get('/:owner/:repo/info/refs', async (c): Promise<Response> => {
    const service = c.req.query('service');
    if (service !== 'git-upload-pack' && service !== 'git-receive-pack') {
      return c.text('Please upgrade your git client.\n', 403);
    }
    return serve(c, service, '/info/refs');
  });
  routes.post('/:owner/:repo/git-upload-pack', (c) => serve(c, 'git-upload-pack', '/git-upload-pack'));
  routes.post('/:owner/:repo/git-receive-pack', (c) => serve(c, 'git-receive-pack', '/git-receive-pack'));

  async function serve(c: HttpContext, service: GitService, path: string): Promise<Response> {
    const access = decideAccess(world, c, service);
    if (!access.granted) {
      if (access.status === 401) c.header('WWW-Authenticate', 'Basic realm="GitHub"');
      return c.body(access.message, access.status as 401, { 'Content-Type': 'text/plain; charset=UTF-8' });
    }
    await world.git.ensure(access.repository);
    const isGzip = c.req.header('content-encoding') === 'gzip';
    await runHttpBackend(world.git, access.repository, c.env, path, service, (chunk) => {
      const action = actionOf(service, chunk, isGzip);
      if (action) record(action, access);
    });
    if (service === 'git-receive-pack') access.repository.pushedAt = world.clock.now();
    return RESPONSE_ALREADY_SENT;
  }

  function record(action: string, { repository, credential }: Granted): void {
    const owner = world.state.ownerOf(repository);
    const user = credential?.kind === 'user' ? credential.user : null;
    world.auditLog.add({
      action,
      actor: user?.login ?? (credential ? `${world.settings.slug}[bot]` : 'anonymous'),
      actor_id: user?.id ?? null,
      ...(owner.type === 'Organization' && { org: owner.login, org_id: owner.id }),
      repo: world.state.fullName(repository),
      repo_id: repository.id,
      ...(credential?.kind === 'installation' && { installation_id: credential.installation.id }),
      ...(credential && {
        hashed_token: credential.record.hash,
        programmatic_access_type:
          credential.kind === 'user'
            ? ('GitHub App user-to-server token' as const)
            : ('GitHub App server-to-server token' as const),
      }),
      transport_protocol_name: 'http',
    });
  }

  return routes;
}

/** Returns the audit action, or null for a request that transfers no objects, such as protocol v2's list of refs. */
function actionOf(service: GitService, chunk: Buffer, isGzip: boolean): string | null {
  if (service === 'git-receive-pack') return 'git.push';
  /**
   * git compresses only requests that list many commits the client already has, so this is a fetch rather than a clone.
   */
  if (isGzip) return 'git.fetch';
  const text = chunk.toString('latin1');
  if (text.includes('command=ls-refs')) return null;
  return text.includes('have ') ? 'git.fetch' : 'git.clone';
}
