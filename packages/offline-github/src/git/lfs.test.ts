import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { OfflineGitHub } from '../start';
import { cloneUrl, mintToken, request, startQuickly } from '../testing';

const CONTENT = 'a large file\n';
const OID = createHash('sha256').update(CONTENT).digest('hex');

let github: OfflineGitHub;
let token: string;
beforeAll(async () => {
  github = await startQuickly();
  const { id } = github.actions.install({ account: 'acme', repositories: ['acme/api'] });
  token = await mintToken(github, id, { repositories: ['api'], permissions: { contents: 'read' } });
  await github.actions.pushLfsFile({ repository: 'acme/api', path: 'data.bin', content: CONTENT });
});
beforeEach(() => github.knobs.reset());
afterAll(() => github.close());

/** Sends a request of Git LFS's batch API. */
async function batch(
  body: object,
  { fullName = 'acme/api', password }: { fullName?: string; password?: string } = {},
) {
  const response = await fetch(`${cloneUrl(github, fullName)}/info/lfs/objects/batch`, {
    method: 'POST',
    headers: {
      'content-type': 'application/vnd.git-lfs+json',
      ...(password && {
        authorization: `Basic ${Buffer.from(`x-access-token:${password}`).toString('base64')}`,
      }),
    },
    body: JSON.stringify(body),
  });
  return { status: response.status, headers: response.headers, json: await response.json() };
}

const download = (oid = OID) => ({
  operation: 'download',
  transfers: ['basic'],
  objects: [{ oid, size: 13 }],
});

describe('Git LFS', () => {
  it('commits a pointer, and the attributes that make git fetch the object', async () => {
    const head = await github.headOf('acme/api');
    const read = async (path: string) => {
      const { json } = await request(github, 'GET', `/repos/acme/api/contents/${path}?ref=${head}`, {
        token,
      });
      return Buffer.from(json.content, 'base64').toString('utf8');
    };
    expect(await read('data.bin')).toBe(
      `version https://git-lfs.github.com/spec/v1\noid sha256:${OID}\nsize 13\n`,
    );
    expect(await read('.gitattributes')).toBe('data.bin filter=lfs diff=lfs merge=lfs -text\n');
  });

  it('links to an object for a token that can read the repository, and serves the link without a credential', async () => {
    const { status, headers, json } = await batch(download(), { password: token });
    expect([status, headers.get('content-type')]).toEqual([200, 'application/vnd.git-lfs+json']);
    const [object] = json.objects;
    expect(object).toMatchObject({ oid: OID, size: 13, authenticated: true });
    const { href } = object.actions.download;
    expect(await (await fetch(href)).text()).toBe(CONTENT);
    expect((await fetch(href, { headers: { authorization: `Bearer ${token}` } })).status).toBe(400);
    github.knobs.set({ clockOffsetMs: 3_601_000 });
    expect((await fetch(href)).status).toBe(403);
  });

  it('refuses a batch without a credential, for another repository, for an upload, and of another form', async () => {
    const anonymous = await batch(download());
    expect([anonymous.status, anonymous.headers.get('lfs-authenticate')]).toEqual([
      401,
      'Basic realm="GitHub"',
    ]);
    expect((await batch(download(), { fullName: 'acme/web', password: token })).status).toBe(404);
    expect((await batch({ ...download(), operation: 'upload' }, { password: token })).status).toBe(403);
    expect((await batch({ operation: 'download', objects: [{}] }, { password: token })).status).toBe(422);
    const missing = await batch(download('0'.repeat(64)), { password: token });
    expect(missing.json.objects[0].error.code).toBe(404);
  });
});

describe('the knob gitRejectsFirst', () => {
  it('makes git reject each new token with 404 for that many requests, while the API accepts it', async () => {
    github.knobs.set({ gitRejectsFirst: 2 });
    const { id } = github.actions.install({ account: 'globex' });
    const fresh = await mintToken(github, id);
    const refs = async () =>
      (
        await fetch(`${cloneUrl(github, 'globex/reactor')}/info/refs?service=git-upload-pack`, {
          headers: { authorization: `Basic ${Buffer.from(`x:${fresh}`).toString('base64')}` },
        })
      ).status;
    expect([await refs(), await refs(), await refs()]).toEqual([404, 404, 200]);
  });
});
