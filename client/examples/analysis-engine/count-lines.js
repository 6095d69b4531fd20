import { lstat, open, readdir } from 'node:fs/promises';
import path from 'node:path';
import { LANGUAGES } from './languages.js';

const NEWLINE = 10;

/**
 * Counts the lines of each language below a folder. Symbolic links are not followed: one could lead out of the clone.
 *
 * @returns {Promise<Map<string, number>>} the languages, the one with the most lines first
 */
export async function countLines(folder, signal) {
  const lines = new Map();
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const file = path.join(entry.parentPath ?? entry.path, entry.name);
    const language = LANGUAGES[path.extname(entry.name).toLowerCase()];
    if (!language || !entry.isFile() || path.relative(folder, file).startsWith(`.git${path.sep}`)) continue;
    signal.throwIfAborted();
    lines.set(language, (lines.get(language) ?? 0) + (await linesOf(file)));
  }
  return new Map([...lines].sort(([one, a], [other, b]) => b - a || one.localeCompare(other)));
}

/** Counts the lines of one file, a chunk at a time. A file with a zero byte is not a text and has none. */
async function linesOf(file) {
  if ((await lstat(file)).size === 0) return 0;
  const handle = await open(file);
  let lines = 0;
  let last = NEWLINE;
  // The stream closes the file, also if the loop ends early.
  for await (const chunk of handle.createReadStream()) {
    if (chunk.includes(0)) return 0;
    for (let at = chunk.indexOf(NEWLINE); at !== -1; at = chunk.indexOf(NEWLINE, at + 1)) lines += 1;
    last = chunk.at(-1);
  }
  return last === NEWLINE ? lines : lines + 1;
}
