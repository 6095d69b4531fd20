import { Hono } from 'hono';
import type { HttpContext, HttpEnv } from '../http-env';
import type { World } from '../world';
import { decideAccess } from './access';
import type { LfsPointer } from './lfs-objects';

const TYPE = 'application/vnd.git-lfs+json';
const DOCS = 'https://docs.github.com/repositories/working-with-files/managing-large-files';

/** Objects in one request. Git LFS sends at most 100. */
const MAX_OBJECTS = 1_000;

/**
 * Returns the routes of Git LFS: the batch API, and the store that its links lead to.
 * https://github.com/git-lfs/git-lfs/blob/main/docs/api/batch.md
 */
export function lfsRoutes(world: World): Hono<HttpEnv> {
  const routes = new Hono<HttpEnv>();

  routes.post('/:owner/:repo/info/lfs/objects/batch', (c) => {
    const request = readBatch(c.get('json'));
    if (request === undefined) return answer(c, 422, { message: 'Validation Failed' });
    const isUpload = request.operation === 'upload';
    const access = decideAccess(world, c, isUpload ? 'git-receive-pack' : 'git-upload-pack');
    if (!access.granted) {
      if (access.status === 401) c.header('LFS-Authenticate', 'Basic realm="GitHub"');
      return answer(c, access.status, { message: access.message.trim() });
    }
    if (isUpload) return answer(c, 501, { message: 'uploads are not implemented here' });
    const { id } = access.repository;
    return answer(c, 200, { transfer: 'basic', objects: request.objects.map((each) => describe(id, each)) });
  });

  /** Refuses a credential, because the signed link is one. Amazon S3 does so. */
  routes.get('/lfs-objects/:ticket', (c) => {
    if (c.req.header('authorization') !== undefined)
      return c.text('Only one auth mechanism allowed; only the link should be specified\n', 400);
    const content = world.git.lfs.redeem(c.req.param('ticket'));
    if (content === undefined) return c.text('Request has expired\n', 403);
    return c.body(new Uint8Array(content), 200, { 'Content-Type': 'application/octet-stream' });
  });

  function describe(repositoryId: number, { oid, size }: LfsPointer): object {
    const ticket = world.git.lfs.issueTicket(repositoryId, oid);
    if (ticket === undefined) return { oid, size, error: { code: 404, message: 'Object does not exist' } };
    const href = `${world.urls.web}/lfs-objects/${ticket.name}`;
    return { oid, size, authenticated: true, actions: { download: { href, expires_in: ticket.seconds } } };
  }

  return routes;
}

function answer(c: HttpContext, status: number, body: object): Response {
  const text = JSON.stringify(status === 200 ? body : { ...body, documentation_url: DOCS });
  return c.body(text, status as 200, { 'Content-Type': TYPE });
}

function readBatch(json: unknown): { operation: string; objects: LfsPointer[] } | undefined {
  const { operation, objects } = (json ?? {}) as { operation?: unknown; objects?: unknown };
  if (operation !== 'download' && operation !== 'upload') return undefined;
  if (!Array.isArray(objects) || objects.length > MAX_OBJECTS || !objects.every(isPointer)) return undefined;
  return { operation, objects };
}

function isPointer(value: unknown): value is LfsPointer {
  const { oid, size } = (value ?? {}) as Partial<LfsPointer>;
  return typeof oid === 'string' && /^[0-9a-f]{64}$/.test(oid) && Number.isSafeInteger(size);
}
