import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { shareChunks } from './share-chunks.mjs';

const require = createRequire(import.meta.url);
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'chunks-'));
});
afterEach(() => rm(folder, { recursive: true }));

const write = (name: string, code: string) =>
  writeFile(path.join(folder, name), `module.exports=${code}\n\n//# sourceMappingURL=${name}.map`);
const load = (name: string): unknown => require(path.join(folder, name));

it('loads equal chunks once, and leaves others alone', async () => {
  await write('a.js', '[1,()=>"one"]');
  await write('b.js', '[1,()=>"one"]');
  await write('c.js', '[1,()=>"two"]');
  shareChunks(folder);
  shareChunks(folder);
  expect(load('b.js')).toBe(load('a.js'));
  expect(String((load('c.js') as unknown[])[1])).toBe('()=>"two"');
});
