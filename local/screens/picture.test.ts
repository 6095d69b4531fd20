import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { savePicture } from './picture';

const sharp = createRequire(createRequire(import.meta.url).resolve('next'))('sharp');

let file = '';
beforeEach(async () => {
  file = path.join(await mkdtemp(path.join(tmpdir(), 'picture-')), 'page.png');
});
afterEach(async () => {
  await rm(path.dirname(file), { recursive: true });
});

/** Creates a grey picture with one pixel in another grey. */
function picture({ width = 100, dot = 100, grey = 100 } = {}): Promise<Buffer> {
  const data = Buffer.alloc(width * 10 * 3, grey);
  data.fill(dot, 30, 33);
  return sharp(data, { raw: { width, height: 10, channels: 3 } })
    .png()
    .toBuffer();
}

it.each([
  ['all colours differ by a little', { grey: 102, dot: 102 }],
  ['one pixel differs by a shade', { dot: 130 }],
])('keeps the bytes of a picture when %s', async (_, change) => {
  await savePicture(file, await picture());
  const first = await readFile(file);
  await savePicture(file, await picture(change));
  expect(await readFile(file)).toEqual(first);
});

it.each([
  ['one pixel has another colour', { dot: 160 }],
  ['all pixels have another shade', { grey: 120 }],
  ['the size differs', { width: 101 }],
])('replaces a picture when %s', async (_, change) => {
  await savePicture(file, await picture());
  const first = await readFile(file);
  await savePicture(file, await picture(change));
  expect(await readFile(file)).not.toEqual(first);
});
