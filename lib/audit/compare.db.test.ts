import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { AuditEntry } from 'offline-github';
import { appJwt } from 'offline-github/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runHere, runInProcess } from '../../cli/test-admin';
import { git } from '../../local/clients/git';
import { makeApiKeyActor, TEST_ORIGIN } from '../auth/test-fixtures';
import { hashToken } from '../github/tokens';
import { clearWorld, connectedScene, type Scene } from '../testing/test-scene';
import { startTestWorld } from '../testing/test-world';
import { mintToken } from '../token/mint';
import { type Comparison, compareWithGitHub, readMints } from './compare';
import { readGitHubLog, TooManyEntries } from './github-log';

const world = await startTestWorld();
const { github, environment } = world;
const folder = mkdtempSync(path.join(tmpdir(), 'compare-'));
afterAll(() => rmSync(folder, { recursive: true }));

type Log = { list: AuditEntry[]; csv: string };
let scene: Scene;
/**
 * GitHub's log at three points in time: after our mints and clones, some time later, and after a clone with a token
 * minted by an attacker.
 */
const logs: Record<'quiet' | 'later' | 'alarming', Log> = {
  quiet: { list: [], csv: '' },
  later: { list: [], csv: '' },
  alarming: { list: [], csv: '' },
};
const takeLog = (): Log => ({ list: github.auditLog.list(), csv: github.auditLog.toCsv() });
let used = '';
let unused = '';
let rogue = '';

async function mint(): Promise<string> {
  const actor = await makeApiKeyActor({ id: scene.workspaceId, slug: scene.slug });
  return (await mintToken({ workspaceId: scene.workspaceId, actor, origin: TEST_ORIGIN, request: {} })).token;
}

/** Mints a token like an attacker who has the App's key. */
async function mintBehindOurBack(): Promise<string> {
  const url = `${github.apiUrl}/app/installations/${scene.installationId}/access_tokens`;
  const headers = { authorization: `bearer ${appJwt(github)}` };
  return (await (await fetch(url, { method: 'POST', headers })).json()).token;
}

const clone = async (token: string) => {
  const target = mkdtempSync(path.join(folder, 'clone-'));
  const { ok, output } = await git(['clone', '-q', `${github.webUrl}/acme/api.git`, target], token);
  expect(output).toBe('');
  expect(ok).toBe(true);
};

beforeAll(async () => {
  await clearWorld(world);
  github.auditLog.clear();
  scene = await connectedScene(world, { account: 'acme', by: 'olivia', repositories: ['acme/api'] });
  // Add an entry that is not about this App's tokens, because the organization's owner uses GitHub as well.
  github.auditLog.add({ action: 'repo.create', actor: 'olivia', actor_id: 1, org: 'acme' });
  used = await mint();
  await clone(used);
  await clone(used);
  unused = await mint();
  logs.quiet = takeLog();
  github.auditLog.add({ action: 'repo.create', actor: 'olivia', actor_id: 1, org: 'acme' });
  logs.later = takeLog();
  rogue = await mintBehindOurBack();
  await clone(rogue);
  logs.alarming = takeLog();
});

const FORMATS = {
  'JSON array': ({ list }: Log) => JSON.stringify(list),
  'indented JSON array': ({ list }: Log) => JSON.stringify(list, null, 2),
  NDJSON: ({ list }: Log) => list.map((entry) => JSON.stringify(entry)).join('\n'),
  CSV: ({ csv }: Log) => csv,
};
type Format = keyof typeof FORMATS;
const formats = Object.keys(FORMATS) as Format[];

async function* inPieces(text: string): AsyncGenerator<string> {
  for (let at = 0; at < text.length; at += 61) yield text.slice(at, at + 61);
}

const ourApp = (slug = github.app.slug) => ({
  id: github.app.id,
  clientId: github.app.clientId,
  slugs: [slug],
  installationIds: new Set([scene.installationId]),
});

const compare = (format: Format, log: Log, slug?: string): Promise<Comparison> =>
  compareWithGitHub(
    ourApp(slug),
    readGitHubLog(inPieces(FORMATS[format](log))),
    readMints(scene.workspaceId),
  );

describe('the join with GitHub’s audit log (C16)', () => {
  it.each(formats)(
    'recognizes every token that the app minted, and lists no unknown one, from %s',
    async (format) => {
      const comparison = await compare(format, logs.quiet);
      // Two tokens: one from our mint, and one minted by the sync.
      expect(comparison).toMatchObject({ joined: 2, unknown_count: 0, unknown: [] });
      expect(comparison.entries_of_app).toBeGreaterThanOrEqual(4);
      expect(comparison.entries).toBeGreaterThan(comparison.entries_of_app);
    },
  );

  it('reports a mint as unused only if the log covers its time', async () => {
    expect((await compare('CSV', logs.quiet)).unused_count).toBe(0);
    for (const format of formats)
      expect((await compare(format, logs.later)).unused).toEqual([
        { hashed_token: hashToken(unused), occurred_at: expect.any(String), actor: 'engine' },
      ]);
  });

  it.each(formats)(
    'raises the alarm for a token of our App that has no audit row, from %s',
    async (format) => {
      expect(await compare(format, logs.alarming)).toMatchObject({
        joined: 2,
        unknown_count: 1,
        unknown: [{ hashed_token: hashToken(rogue), installation_id: scene.installationId }],
      });
    },
  );

  it('raises the alarm even if the configured slug differs from GitHub’s in letter case', async () => {
    const comparison = await compare('CSV', logs.alarming, github.app.slug.toUpperCase());
    expect(comparison).toMatchObject({ joined: 2, unknown_count: 1 });
  });

  it('returns nothing if the reader loses access before the audit log has been read to the end', async () => {
    const forbidden = new Error('forbidden');
    const mints = readMints(scene.workspaceId, () => Promise.reject(forbidden));
    const entries = readGitHubLog(inPieces(FORMATS.CSV(logs.quiet)));
    await expect(compareWithGitHub(ourApp(), entries, mints)).rejects.toBe(forbidden);
  });

  it('raises no alarm for a token that the app minted and then withheld', async () => {
    const before = await compare('CSV', takeLog());
    github.knobs.set({ widenPermissions: { contents: 'write' } });
    await expect(mint()).rejects.toMatchObject({ code: 'github_error' });
    github.knobs.set({ widenPermissions: null });
    const after = await compare('CSV', takeLog());
    expect(after.joined).toBe(before.joined + 1);
    expect(after.unknown).toMatchObject([{ hashed_token: hashToken(rogue) }]);
    expect(after.unused_count).toBe(before.unused_count);
  });

  it('exits with 1 on the command line for the alarm and for a log that cannot be the right one', async () => {
    const file = path.join(folder, 'log');
    const args = ['audit:compare', '--workspace', scene.slug, '--github-log', file];
    const run = (text: string) => {
      writeFileSync(file, text);
      return runHere(...args);
    };
    writeFileSync(file, logs.alarming.csv);
    const alarm = await runInProcess(args, environment);
    expect({ code: alarm.code, ...JSON.parse(alarm.stdout) }).toMatchObject({ code: 1, unknown_count: 1 });
    expect(alarm.stderr).toContain('1 token(s) of the App that were not minted here');
    expect(await run(JSON.stringify(logs.later.list))).toMatchObject({ code: 0, stderr: '' });
    for (const wrong of ['[]', 'a,b\n1,2\n', FORMATS.NDJSON(logs.quiet).slice(0, -5)])
      expect(await run(wrong)).toMatchObject({ code: 1, stdout: '' });
  });
});

describe('a log', () => {
  const read = async (text: string) => {
    const entries = [];
    for await (const entry of readGitHubLog(inPieces(text))) entries.push(entry);
    return entries;
  };

  it.each(['[{"actor":"x"}', '{"actor":"x"', '[{"actor":"x"}] nonsense', '["x"]', 'a,b\n1,2\n', '{"a":1}}'])(
    'is rejected if it is incomplete or contains no entries: %s',
    async (text) => {
      await expect(read(text)).rejects.toThrow();
    },
  );

  it('may contain braces and quotes in its texts, and hashes that begin with +', async () => {
    const hashed_token = `+${'a'.repeat(42)}=`;
    const expected = { actor: 'a}"{\\', hashedToken: hashed_token, at: '2026-03-01T12:00:00.000Z' };
    const entry = { '@timestamp': Date.parse(expected.at), actor: expected.actor, hashed_token };
    expect(await read(JSON.stringify([entry, entry]))).toMatchObject([expected, expected]);
    const csv = `actor,hashed_token,@timestamp\n"a}""{\\",'${hashed_token},${entry['@timestamp']}\n`;
    expect(await read(csv)).toMatchObject([expected]);
  });

  it('is rejected before it is processed if a record has more cells than any export', async () => {
    await expect(read(`actor${',x'.repeat(1000)}\n\n`)).rejects.toThrow('cells');
    await expect(read(`actor\n${','.repeat(1000)}\n`)).rejects.toThrow('cells');
    expect(await read(`actor${',x'.repeat(999)}\nolivia\n`)).toMatchObject([{ actor: 'olivia', at: null }]);
  });

  it.each(['{}', '{}\n', 'actor\n'])('is rejected if it has more entries than allowed: %j', async (piece) => {
    const text = piece.repeat(101);
    const isCsv = piece.startsWith('actor');
    const readUpTo = async (most: number) => {
      let entries = 0;
      for await (const _ of readGitHubLog(inPieces(isCsv ? `actor\n${text}` : text), { most })) entries++;
      return entries;
    };
    await expect(readUpTo(100)).rejects.toThrow(TooManyEntries);
    expect(await readUpTo(101)).toBe(101);
  });

  it.each([
    ['many entries', '{}'.repeat(50_000)],
    ['no entry', `[${' '.repeat(100_000)}]`],
    ['many records', `actor${'\n'.repeat(100_000)}`],
  ])('with %s lets other requests run while it is read, even if it arrived in one piece', async (_, text) => {
    let turns = 0;
    let next: NodeJS.Immediate;
    const turn = () => {
      turns++;
      next = setImmediate(turn);
    };
    next = setImmediate(turn);
    async function* atOnce() {
      yield text;
    }
    for await (const _entry of readGitHubLog(atOnce()));
    clearImmediate(next);
    expect(turns).toBeGreaterThan(5);
  });
});
