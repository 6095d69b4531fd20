import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { SYSTEM_CLI } from '../actor';
import { makeWorkspace, startTestApp, TEST_ORIGIN } from '../auth/test-fixtures';
import { writeArchive } from './archive';
import { GENESIS_HASH } from './chain';
import { verifyAuditFiles } from './export';
import { recordAuditEventNow } from './record';

/** The files and folders that were flushed. The kernel does not tell what it has flushed, so only the call can be seen. */
const flushed = vi.hoisted(() => [] as string[]);
vi.mock('node:fs/promises', async (importActual) => {
  const actual = await importActual<typeof import('node:fs/promises')>();
  return {
    ...actual,
    open: async (name: string, ...options: [string, number?]) => {
      const handle = await actual.open(name, ...options);
      const sync = handle.sync.bind(handle);
      handle.sync = () => sync().then(() => void flushed.push(name));
      return handle;
    },
  };
});

await startTestApp();
const folder = mkdtempSync(path.join(tmpdir(), 'audit-archive-file-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Records two events, and returns a function that archives them, and the name of their file while and once it is written. */
async function makeLog() {
  const workspace = await makeWorkspace();
  const event = { actor: SYSTEM_CLI, origin: TEST_ORIGIN, workspaceId: workspace.id };
  for (const format of ['csv', 'ndjson'] as const)
    await recordAuditEventNow({ ...event, type: 'audit.exported', details: { format } });
  const file = path.join(folder, workspace.id, '000000000001-000000000002.ndjson');
  const archive = () => writeArchive({ workspace, folder, after: { seq: 0, hash: GENESIS_HASH }, upTo: 2 });
  return { archive, file, draft: `${file}.part` };
}

describe('a file of an archive', () => {
  it('is described by a manifest, and only its owner can read it', async () => {
    const { archive, file } = await makeLog();
    const manifest = await archive();
    expect(JSON.parse(readFileSync(file.replace(/ndjson$/, 'json'), 'utf8'))).toEqual(manifest);
    expect(manifest).toMatchObject({ first_seq: 1, last_seq: 2, bytes: statSync(file).size });
    expect(statSync(file).mode & 0o077).toBe(0);
  });

  it('is refused if it changed before it was read back, although all its events are valid', async () => {
    const { archive, file, draft } = await makeLog();
    // Node flushes, renames and opens the file in later turns of the event loop than the one in which it was written.
    const change = async () => {
      const size = (name: string) => statSync(name, { throwIfNoEntry: false })?.size ?? 0;
      while (size(draft) === 0 && size(file) === 0) await setImmediate();
      appendFileSync(existsSync(draft) ? draft : file, '\n');
    };
    await Promise.all([expect(archive()).rejects.toThrow('differs from what was written'), change()]);
    expect(await verifyAuditFiles([file])).toMatchObject({ ok: true, events: 2 });
  });

  it('is refused if the device that it is on cannot flush it', async () => {
    const { archive, file, draft } = await makeLog();
    mkdirSync(path.dirname(file));
    symlinkSync('/dev/null', draft);
    await expect(archive()).rejects.toThrow('fsync');
    expect(existsSync(file)).toBe(false);
  });

  it('is on the disk with its manifest, and so are their names, before the archive is recorded', async () => {
    const { archive, file, draft } = await makeLog();
    flushed.length = 0;
    await archive();
    const directory = path.dirname(file);
    expect(flushed).toEqual([draft, file.replace(/ndjson$/, 'json.part'), directory, folder]);
  });
});
