import type { AuditEntry } from 'offline-github';
import { appJwt } from 'offline-github/testing';
import { createElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ComparisonResult } from '@/components/audit-log/comparison-result';
import { hashToken } from '../github/tokens';
import { connectedScene, type Scene } from '../testing/test-scene';
import { startTestWorld } from '../testing/test-world';
import { comparedApp, compareWithGitHub, readMints } from './compare';
import { readGitHubLog } from './github-log';

const world = await startTestWorld();
const { github } = world;
const CONFIGURED = github.app.slug;

let scene: Scene;
let rogue = '';
/** GitHub's log entry for a token minted by an attacker with the App's key, after the App was renamed. */
let entry: AuditEntry;

beforeAll(async () => {
  scene = await connectedScene(world, { account: 'acme', by: 'olivia', repositories: ['acme/api'] });
  github.configureApp({ slug: 'pulsestream-renamed' });
  const url = `${github.apiUrl}/app/installations/${scene.installationId}/access_tokens`;
  const headers = { authorization: `bearer ${appJwt(github)}` };
  rogue = (await (await fetch(url, { method: 'POST', headers })).json()).token;
  await fetch(`${github.apiUrl}/installation/repositories`, {
    headers: { authorization: `bearer ${rogue}` },
  });
  const [used] = github.auditLog.list({ hashed_token: hashToken(rogue) });
  if (used === undefined) throw new Error('GitHub has logged no use of the token');
  entry = used;
});
beforeEach(() => github.knobs.reset());

/** Returns the entry without these fields, as in an export whose format lacks them. */
const without = ({ ...rest }: AuditEntry, ...names: (keyof AuditEntry)[]): Partial<AuditEntry> => {
  for (const name of names) delete rest[name];
  return rest;
};

async function compare(...entries: object[]) {
  async function* text() {
    yield JSON.stringify(entries);
  }
  const app = await comparedApp([scene.installationId]);
  return compareWithGitHub(app, readGitHubLog(text()), readMints(scene.workspaceId));
}

describe('the comparison of a renamed App with GitHub’s log', () => {
  it('raises the alarm for a token under the slug that GitHub currently reports', async () => {
    expect(entry.actor).toBe('pulsestream-renamed[bot]');
    const named = without(entry, 'installation_id', 'programmatic_access_type');
    expect(await compare(named)).toMatchObject({
      unknown_count: 1,
      unknown: [{ hashed_token: hashToken(rogue) }],
      app_slugs: [CONFIGURED, 'pulsestream-renamed'],
    });
  });

  it('raises the alarm for a token under the configured slug, which older entries have', async () => {
    const named = { ...without(entry, 'installation_id'), actor: `${CONFIGURED.toUpperCase()}[bot]` };
    expect(await compare(named)).toMatchObject({ unknown_count: 1 });
  });

  it('searches for the configured slug alone if GitHub does not respond', async () => {
    github.knobs.failNext('GET /app', { kind: 'status', status: 502 });
    const old = { ...without(entry, 'installation_id'), actor: `${CONFIGURED}[bot]` };
    expect(await compare(old)).toMatchObject({ unknown_count: 1, app_slugs: [CONFIGURED] });
  });

  it('raises the alarm under any slug if the entry has our installation, App id or client id', async () => {
    const old = { ...without(entry, 'installation_id'), actor: 'a-name-between[bot]' };
    for (const ids of [
      { installation_id: scene.installationId },
      { integration_id: github.app.id },
      { integration_id: String(github.app.id), installation_id: scene.installationId },
      { application_client_id: github.app.clientId.toUpperCase() },
    ])
      expect(await compare({ ...old, ...ids })).toMatchObject({ unknown_count: 1 });
  });

  it('ignores people, and other Apps even if one has taken the old slug', async () => {
    const old = { ...without(entry, 'installation_id'), actor: `${CONFIGURED}[bot]` };
    for (const other of [
      { ...old, integration_id: github.app.id + 1 },
      { ...old, application_client_id: 'Iv1.another' },
      { ...old, installation_id: scene.installationId + 1 },
      { ...old, installation_id: scene.installationId, programmatic_access_type: 'OAuth access token' },
      { ...old, actor: 'olivia' },
      { ...without(entry, 'programmatic_access_type'), actor: 'olivia' },
    ])
      expect(await compare(other)).toMatchObject({ entries_of_app: 0, unknown_count: 0 });
  });

  it('says that nothing was compared, and which slugs were searched for, if no entry is about our App', async () => {
    const comparison = await compare({ ...without(entry, 'installation_id'), actor: 'somebody[bot]' });
    const page = renderToStaticMarkup(createElement(ComparisonResult, { comparison }));
    expect(page).toContain('Nothing was compared');
    expect(page).toContain(`${CONFIGURED}, pulsestream-renamed`);
    expect(page).not.toContain('all of them in ours');
  });
});
