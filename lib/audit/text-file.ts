import { createReadStream } from 'node:fs';

const BYTE_ORDER_MARK = '\uFEFF';

/**
 * A file's text in pieces. A byte order mark, which spreadsheets like to add, is left out.
 *
 * @throws if the file cannot be read, or is not UTF-8
 */
export async function* readText(file: string): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  let first = true;
  for await (const bytes of createReadStream(file)) {
    const text = decoder.decode(bytes as Buffer, { stream: true });
    if (text === '') continue;
    yield first && text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text;
    first = false;
  }
  yield decoder.decode();
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
