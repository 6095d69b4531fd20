/**
 * Makes the production build load the same code once. Next writes several copies of a chunk, equal but for the name of
 * their source map, and loads each of them while it starts. This replaces every copy but the first with a reference to
 * it.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const CHUNKS = '.next/server/chunks';
const SOURCE_MAP = /\n\/\/# sourceMappingURL=\S+\s*$/;

/** @param {string} [folder] the chunks of one runtime, all in one folder */
export function shareChunks(folder = CHUNKS) {
  /** @type {Map<string, string>} code → the file that keeps it */
  const kept = new Map();
  const names = readdirSync(folder).filter((name) => name.endsWith('.js'));
  for (const name of names.sort()) {
    const file = path.join(folder, name);
    const code = readFileSync(file, 'utf8').replace(SOURCE_MAP, '');
    const first = kept.get(code);
    if (first === undefined) kept.set(code, name);
    else writeFileSync(file, `module.exports=require(${JSON.stringify(`./${first}`)});\n`);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) shareChunks();
