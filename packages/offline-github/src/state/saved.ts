import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AppSettings } from '../settings';
import { State, type StateContent } from './store';

const FILE = 'state.json';
/** The version of the file format. A file with another version is rejected. */
const VERSION = 1;

interface Saved {
  version: number;
  app: AppSettings;
  content: StateContent;
}

/**
 * Returns the state saved in the folder by an earlier run, or null if there is none.
 *
 * @throws if the file has another version
 */
export async function loadState(folder: string): Promise<{ app: AppSettings; state: State } | null> {
  const text = await readFile(join(folder, FILE), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (text === null) return null;
  const saved = JSON.parse(text, revive) as Saved;
  if (saved.version !== VERSION)
    throw new Error(`${join(folder, FILE)} has version ${saved.version}; this is version ${VERSION}`);
  return { app: saved.app, state: State.restore(saved.content) };
}

/** Saves the App with its secrets, and all accounts, repositories and installations, to a file with mode 600. */
export async function saveState(folder: string, app: AppSettings, state: State): Promise<void> {
  await mkdir(folder, { recursive: true });
  const saved: Saved = { version: VERSION, app, content: state.content() };
  const fresh = join(folder, `${FILE}.new`);
  await writeFile(fresh, JSON.stringify(saved, replace, 1), { mode: 0o600 });
  await rename(fresh, join(folder, FILE));
}

function replace(_key: string, value: unknown): unknown {
  if (value instanceof Map) return { $map: [...value] };
  if (value instanceof Set) return { $set: [...value] };
  return value;
}

function revive(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if ('$map' in value) return new Map(value.$map as [unknown, unknown][]);
  if ('$set' in value) return new Set(value.$set as unknown[]);
  return value;
}
