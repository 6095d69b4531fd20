import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';

const BYTE_ORDER_MARK = '\uFEFF';

/** The highest compression ratio that we accept. Logs compress 10 to 50 times, a zip bomb far more. */
const LARGEST_RATIO = 200;

/** The ratio is not checked until this much output has been unpacked. */
const SMALL_BYTES = 1_000_000;

/**
 * Thrown if a compressed file unpacks to more than the limit, or to far more than any log of its compressed size would.
 */
export class TooLargeUnpacked extends Error {
  override name = 'TooLargeUnpacked';
}

/**
 * Reads a text file in pieces. The file may be gzipped, and its text may be UTF-8 or UTF-16. Drops the byte order mark
 * added by spreadsheets and shells.
 *
 * @throws if the file cannot be read or is not text
 */
export async function* readText(file: string): AsyncGenerator<string> {
  yield* decodeText(createReadStream(file));
}

/**
 * Decompresses and decodes bytes in the same way as {@link readText}.
 *
 * @param most the maximum number of bytes that the input may unpack to
 * @throws {TooLargeUnpacked} if the input unpacks to more than `most`, or looks like a zip bomb
 * @throws if the bytes are not text
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

/** Decompresses up to two layers of gzip, because mail systems may compress GitHub's `.json.log.gz` again. */
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
      // Wait for a slow consumer, so that unpacked data does not pile up in memory.
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

/**
 * Merges the first pieces into one of at least four bytes, if the input is that long, because callers detect the format
 * from the first piece.
 */
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

/**
 * Detects the encoding. UTF-16, which some shells write, is recognised by its byte order mark or by a zero byte in the
 * first ASCII character.
 */
function encodingOf([one, two]: Uint8Array): 'utf-8' | 'utf-16le' | 'utf-16be' {
  if ((one === 0xff && two === 0xfe) || (one !== 0 && two === 0)) return 'utf-16le';
  if ((one === 0xfe && two === 0xff) || (one === 0 && two !== 0)) return 'utf-16be';
  return 'utf-8';
}

/**
 * Yields lines without their LF or CRLF. We can't use Node's `readline`: it also splits at U+2028, which JSON may
 * contain.
 */
export async function* readLines(pieces: AsyncIterable<string>): AsyncGenerator<string> {
  let rest = '';
  for await (const piece of pieces) {
    const lines = (rest + piece).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) yield line.endsWith('\r') ? line.slice(0, -1) : line;
  }
  if (rest !== '') yield rest;
}

/** A cell of a CSV record. `quoted` distinguishes empty text (`""`) from `null` (nothing between the commas). */
export type CsvCell = { text: string; quoted: boolean };

/** The longest CSV record to accept. Anything longer is not a log, or is an attempt to exhaust memory. */
const MAX_RECORD_CHARACTERS = 10_000_000;

/**
 * The maximum number of cells in a record. There is a limit because every cell takes time. GitHub's exports have about
 * a hundred cells per record.
 */
const MAX_RECORD_CELLS = 1000;

/**
 * Yields the records of a CSV file (RFC 4180) one at a time.
 *
 * @throws if a quoted cell does not end, or if a record exceeds the limits
 */
export async function* readCsv(pieces: AsyncIterable<string>): AsyncGenerator<CsvCell[]> {
  let record: CsvCell[] = [];
  let cell: CsvCell = { text: '', quoted: false };
  let state: 'plain' | 'quoted' | 'quote in quoted' = 'plain';
  let size = 0;
  const endCell = () => {
    if (record.length === MAX_RECORD_CELLS)
      throw new Error(`a record of the CSV file has more than ${MAX_RECORD_CELLS} cells`);
    record.push(cell);
    cell = { text: '', quoted: false };
  };
  for await (const piece of pieces) {
    for (const character of piece) {
      if (++size > MAX_RECORD_CHARACTERS) throw new Error('a record of the CSV file does not end');
      if (state === 'quoted') {
        if (character === '"') state = 'quote in quoted';
        else cell.text += character;
        continue;
      }
      if (character === '"' && state === 'quote in quoted') {
        cell.text += '"';
        state = 'quoted';
        continue;
      }
      state = 'plain';
      if (character === '"' && cell.text === '' && !cell.quoted) {
        cell.quoted = true;
        state = 'quoted';
      } else if (character === ',') endCell();
      else if (character === '\n') {
        endCell();
        yield record;
        record = [];
        size = 0;
      } else if (character !== '\r') cell.text += character;
    }
  }
  if (state === 'quoted') throw new Error('a quoted cell of the CSV file does not end');
  if (record.length > 0 || cell.text !== '' || cell.quoted) {
    endCell();
    yield record;
  }
}

/** The longest JSON object to accept. Anything longer is not a log entry, or is an attempt to exhaust memory. */
const MAX_OBJECT_CHARACTERS = 10_000_000;

/**
 * Yields the objects in a JSON array or in NDJSON one at a time. Memory use does not depend on the file's size.
 *
 * @throws if the text is truncated or in any other format
 */
export async function* readJsonObjects(pieces: AsyncIterable<string>): AsyncGenerator<unknown> {
  let pending = '';
  let depth = 0;
  let inString = false;
  let escaped = false;
  let array: 'none' | 'open' | 'closed' = 'none';
  for await (const piece of pieces) {
    let start = 0;
    for (let at = 0; at < piece.length; at++) {
      const character = piece[at];
      if (depth === 0) {
        if (character === '{' && array !== 'closed') {
          depth = 1;
          start = at;
        } else if (character === '[' && array === 'none') array = 'open';
        else if (character === ']' && array === 'open') array = 'closed';
        else if (character === undefined || !/[\s,]/.test(character))
          throw new Error('not a list of JSON objects');
      } else if (inString) {
        if (escaped) escaped = false;
        else if (character === '\\') escaped = true;
        else if (character === '"') inString = false;
      } else if (character === '"') inString = true;
      else if (character === '{') depth++;
      else if (character === '}' && --depth === 0) {
        yield JSON.parse(pending + piece.slice(start, at + 1));
        pending = '';
      }
    }
    if (depth > 0) pending += piece.slice(start);
    if (pending.length > MAX_OBJECT_CHARACTERS) throw new Error('an object does not end');
  }
  if (depth > 0 || array === 'open') throw new Error('the file is cut off');
}
