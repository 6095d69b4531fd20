import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open, rename } from 'node:fs/promises';
import path from 'node:path';
import type { Actor, RequestOrigin } from '../actor';
import { getConfig } from '../config';
import { toCanonicalEvent } from './canonical-rows';
import { ChainWalk, sha256 } from './chain';
import { verifyAuditFiles } from './export';
import { rangeOfTime } from './range';
import { type ChainLink, findAuditEvent, readChainHead, readSlicesAs } from './read';
import { recordAuditEventNow } from './record';

/** Events to archive: those after the last archived one, up to `upTo`. */
export type Archivable = { after: ChainLink; upTo: number };

/**
 * Finds the events that are older than `cutoff`, up to the first one that is not. Events are in the order of their
 * numbers, so a clock that jumped may keep older events behind a newer one.
 *
 * @param cutoff `null` selects all events
 * @returns `null` if there are none
 */
export async function findArchivable(workspaceId: string, cutoff: Date | null): Promise<Archivable | null> {
  const { seq, archived } = await readChainHead(workspaceId);
  const newer = cutoff === null ? null : await rangeOfTime(workspaceId, { from: cutoff.toISOString() });
  const upTo = Math.min(seq, newer?.after ?? seq);
  if (upTo <= archived.seq) return null;
  // In a log without other events, each run would archive the event of the run before.
  if (cutoff !== null && upTo === archived.seq + 1) {
    const only = await findAuditEvent(workspaceId, String(upTo));
    if (only?.type === 'audit.archived') return null;
  }
  return { after: archived, upTo };
}

/** A description of an archive, stored beside its NDJSON file. */
export type Manifest = {
  format: 'pulsestream-audit-archive/1';
  environment: string;
  github_app_id: number;
  workspace_id: string;
  workspace: string;
  first_seq: number;
  last_seq: number;
  /** The hash that the first event continues: that of the archive before, or 64 zeros. */
  prev_hash: string;
  last_hash: string;
  file: string;
  bytes: number;
  file_sha256: string;
};

const FORMAT = 'pulsestream-audit-archive/1';
/** Pads event numbers in file names, so that the names sort like the numbers. */
const DIGITS = 12;

type Archive = Archivable & { workspace: { id: string; slug: string }; folder: string };

/**
 * Writes events to `FOLDER/WORKSPACE_ID/FIRST-LAST.ndjson`, as an export has them, and a manifest beside it. Then reads
 * the file back from the disk and verifies it. Only the owner of the file can read it, because it holds personal data.
 *
 * @throws if an event does not fit the chain, or the file that was read back is not the one that was written
 */
export async function writeArchive({ workspace, folder, after, upTo }: Archive): Promise<Manifest> {
  const directory = path.resolve(folder, workspace.id);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const padded = (seq: number) => String(seq).padStart(DIGITS, '0');
  const name = `${padded(after.seq + 1)}-${padded(upTo)}`;
  const file = path.join(directory, `${name}.ndjson`);
  const written = await replaceFile(file, (handle) => writeEvents(handle, workspace.id, after, upTo));
  await readBack(file, written, after);
  const { environment, github } = getConfig();
  const manifest: Manifest = {
    format: FORMAT,
    environment,
    github_app_id: github.appId,
    workspace_id: workspace.id,
    workspace: workspace.slug,
    first_seq: after.seq + 1,
    last_seq: upTo,
    prev_hash: after.hash,
    last_hash: written.lastHash,
    file: `${name}.ndjson`,
    bytes: written.bytes,
    file_sha256: written.sha256,
  };
  await replaceFile(path.join(directory, `${name}.json`), (handle) =>
    handle.writeFile(`${JSON.stringify(manifest, null, 2)}\n`),
  );
  for (const entered of [directory, path.dirname(directory)]) await flushFolder(entered);
  return manifest;
}

type Written = { lastHash: string; bytes: number; sha256: string };

async function writeEvents(
  handle: FileHandle,
  workspaceId: string,
  after: ChainLink,
  upTo: number,
): Promise<Written> {
  const walk = new ChainWalk(after.seq, after.hash);
  const digest = createHash('sha256');
  let bytes = 0;
  for await (const slice of readSlicesAs(toCanonicalEvent, workspaceId, {}, after.seq + 1)) {
    let text = '';
    for (const event of slice) {
      if (event.seq > upTo) break;
      if (!walk.accept(event, sha256(event.hashed())))
        throw new Error(`the chain is broken at event ${walk.firstBad}, so nothing was archived`);
      text += `${event.whole()}\n`;
    }
    digest.update(text);
    bytes += Buffer.byteLength(text);
    await handle.appendFile(text);
    if (walk.events >= upTo) break;
  }
  if (walk.events !== upTo) throw new Error(`event ${walk.events + 1} is missing, so nothing was archived`);
  return { lastHash: walk.head, bytes, sha256: digest.digest('hex') };
}

/** Writes to a temporary name, flushes to the disk and renames, so that a file of this name is always complete. */
async function replaceFile<T>(file: string, write: (handle: FileHandle) => Promise<T>): Promise<T> {
  const draft = `${file}.part`;
  const handle = await open(draft, 'w', 0o600);
  try {
    const written = await write(handle);
    await handle.sync();
    await rename(draft, file);
    return written;
  } finally {
    await handle.close();
  }
}

/**
 * Flushes a folder's list of names to the disk. A flushed file can be lost with its name.
 *
 * @see https://man7.org/linux/man-pages/man2/fsync.2.html
 */
async function flushFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } catch (error) {
    // A file system whose server keeps the names has nothing to flush here.
    if (!(error instanceof Error && 'code' in error && error.code === 'EINVAL')) throw error;
  } finally {
    await handle.close();
  }
}

async function readBack(file: string, written: Written, after: ChainLink): Promise<void> {
  const digest = createHash('sha256');
  for await (const piece of createReadStream(file)) digest.update(piece);
  const { ok } = await verifyAuditFiles([file], { after, head: written.lastHash });
  if (!ok || digest.digest('hex') !== written.sha256)
    throw new Error(`${file} differs from what was written to it; nothing was dropped`);
}

/** Records the archive in the log itself, before its events may be dropped. The database requires this event. */
export async function recordArchive(
  { workspace_id, first_seq, last_seq, last_hash, file_sha256 }: Manifest,
  by: { actor: Actor; origin: RequestOrigin },
): Promise<void> {
  await recordAuditEventNow({
    ...by,
    workspaceId: workspace_id,
    type: 'audit.archived',
    details: { first_seq, last_seq, last_hash, file_sha256 },
  });
}
