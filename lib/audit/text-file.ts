import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';

const BYTE_ORDER_MARK = '\uFEFF';

/** A log packs to a tenth or a fiftieth; what grows more than that was made to fill a memory. */
const LARGEST_RATIO = 200;

/** So much may come out of little, before the ratio is looked at. */
const SMALL_BYTES = 1_000_000;

/** A packed file holds more than anybody's log, or much more than its size lets expect. */
export class TooLargeUnpacked extends Error {
  override name = 'TooLargeUnpacked';
}

/**
 * A file's text in pieces: packed with gzip or plain, in UTF-8 or UTF-16. A byte order mark, which spreadsheets and
 * shells like to add, is left out.
 *
 * @throws if the file cannot be read, or is no text
 */
export async function* readText(file: string): AsyncGenerator<string> {
  yield* decodeText(createReadStream(file));
}

/**
 * As {@link readText}, of bytes that are there already.
 *
 * @param most bytes that may come out
 * @throws {TooLargeUnpacked}; if it is no text
 */
export async function* decodeText(
  bytes: AsyncIterable<Uint8Array>,
  most = Number.POSITIVE_INFINITY,
): AsyncGenerator<string> {
  let decoder: TextDecoder | undefined;
  let first = true;
  for await (const piece of inLargePieces(unpack(bytes, most))) {
    decoder ??= new TextDecoder(encodingOf(piece), { fatal: true, ignoreBOM: true });
    const text = decoder.decode(piece, { stream: true });
    if (text === '') continue;
    yield first && text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text;
    first = false;
  }
  yield decoder?.decode() ?? '';
}

/** GitHub streams `.json.log.gz`, its web pages pack Git events. A file may be packed twice: a mail does that. */
async function* unpack(
  bytes: AsyncIterable<Uint8Array>,
  most: number,
  depth = 0,
): AsyncGenerator<Uint8Array> {
  const pieces = inLargePieces(bytes)[Symbol.asyncIterator]();
  const { value: first, done } = await pieces.next();
  if (done) return;
  const all = (async function* () {
    yield first;
    yield* { [Symbol.asyncIterator]: () => pieces };
  })();
  if (depth === 2 || first[0] !== 0x1f || first[1] !== 0x8b) yield* bounded(all, () => most);
  else yield* unpack(gunzip(all, most), most, depth + 1);
}

async function* gunzip(packed: AsyncIterable<Uint8Array>, most: number): AsyncGenerator<Uint8Array> {
  const gunzip = createGunzip();
  let bytesIn = 0;
  const feed = async () => {
    for await (const piece of packed) {
      bytesIn += piece.length;
      // Waits while the reader is slow, so that no memory fills.
      if (!gunzip.write(piece)) await new Promise((resolve) => gunzip.once('drain', resolve));
      if (gunzip.destroyed) return;
    }
    gunzip.end();
  };
  const fed = feed().catch((error: unknown) => {
    gunzip.destroy(error instanceof Error ? error : new Error(String(error)));
  });
  try {
    yield* bounded(gunzip, () => Math.min(most, Math.max(SMALL_BYTES, bytesIn * LARGEST_RATIO)));
    await fed;
  } finally {
    gunzip.destroy();
    gunzip.emit('drain');
  }
}

async function* bounded(bytes: AsyncIterable<Uint8Array>, most: () => number): AsyncGenerator<Uint8Array> {
  let count = 0;
  for await (const piece of bytes) {
    count += piece.length;
    if (count > most()) throw new TooLargeUnpacked('more comes out of the file than any log holds');
    yield piece;
  }
}

/** The first piece tells the format, so it is not a single byte. */
async function* inLargePieces(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let head: Buffer | undefined = Buffer.alloc(0);
  for await (const piece of bytes) {
    if (head === undefined) {
      yield piece;
      continue;
    }
    head = Buffer.concat([head, piece]);
    if (head.length < 4) continue;
    yield head;
    head = undefined;
  }
  if (head !== undefined && head.length > 0) yield head;
}

/** By its mark, or by where the zero bytes of its first, ASCII, character are: shells write UTF-16. */
function encodingOf([one, two]: Uint8Array): 'utf-8' | 'utf-16le' | 'utf-16be' {
  if ((one === 0xff && two === 0xfe) || (one !== 0 && two === 0)) return 'utf-16le';
  if ((one === 0xfe && two === 0xff) || (one === 0 && two !== 0)) return 'utf-16be';
  return 'utf-8';
}

/** Lines that end with LF or CRLF. Node's `readline` also cuts at U+2028, which JSON may hold as it is. */
export async function* readLines(pieces: AsyncIterable<string>): AsyncGenerator<string> {
  let rest = '';
  for await (const piece of pieces) {
    const lines = (rest + piece).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) yield line.endsWith('\r') ? line.slice(0, -1) : line;
  }
  if (rest !== '') yield rest;
}
