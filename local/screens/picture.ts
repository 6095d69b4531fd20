/** Saves small pictures of pages, and replaces a picture only if it looks different. */

import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

/**
 * Differences that nobody can see. Edges at fractions of a pixel differ by a shade from run to run, and the palette
 * makes a few of them differ more. A changed letter differs by far more, and a changed shade in far more places.
 */
const UNSEEN = { each: 8, few: 48, shareOfFew: 0.001 };

// Next depends on the encoder, so load Next's copy.
const sharp = createRequire(createRequire(import.meta.url).resolve('next'))('sharp');

const pixels = (png: Buffer): Promise<{ data: Buffer; info: { width: number; height: number } }> =>
  sharp(png).removeAlpha().raw().toBuffer({ resolveWithObject: true });

/** True if two pictures have the same size and differ only in ways that nobody can see. */
async function looksLike(one: Buffer, other: Buffer): Promise<boolean> {
  const [a, b] = await Promise.all([pixels(one), pixels(other)]);
  if (a.info.width !== b.info.width || a.info.height !== b.info.height) return false;
  let few = 0;
  for (const [index, value] of a.data.entries()) {
    const difference = Math.abs(value - (b.data[index] ?? 0));
    if (difference > UNSEEN.few) return false;
    if (difference > UNSEEN.each) few++;
  }
  return few <= a.data.length * UNSEEN.shareOfFew;
}

/** Reduces the number of colours, which quarters the file's size and keeps flat colours. */
function withPalette(png: Buffer): Promise<Buffer> {
  return sharp(png).png({ palette: true, colours: 128, dither: 0, effort: 10 }).toBuffer();
}

/** Writes `png` to `file`, unless the picture there looks the same. */
export async function savePicture(file: string, png: Buffer): Promise<void> {
  const reduced = await withPalette(png);
  const before = await readFile(file).catch(() => undefined);
  if (before === undefined || !(await looksLike(before, reduced))) await writeFile(file, reduced);
}
