import { stripVTControlCharacters } from 'node:util';
import { log } from './log';

type Source = 'stdout' | 'stderr';
type Held = { source: Source; text: string };

const shared = globalThis as typeof globalThis & {
  /** `hold-output.mjs` sets this function. */
  pulsestreamHeldOutput?: () => Held[];
};

/** Matches warnings from Node and Next. */
const WARNING = /^(?:\(node:\d+\)|⚠)/;

function levelOf(source: Source, text: string): 'info' | 'warn' | 'error' {
  if (source === 'stdout') return 'info';
  return WARNING.test(text) ? 'warn' : 'error';
}

/**
 * Redirects everything printed by Next, libraries and `console` to the log, one line per call. They print URLs and
 * errors unchanged, so without this, a line break in one of them could forge a log line.
 *
 * The log writes straight to the file descriptor, so its own lines aren't captured.
 */
export function captureOutput(write: (source: Source, text: string) => void = writeToLog): () => void {
  const held = shared.pulsestreamHeldOutput?.() ?? [];
  delete shared.pulsestreamHeldOutput;
  const restores = (['stdout', 'stderr'] as const).map((source) => capture(source, write));
  for (const { source, text } of held) write(source, text);
  return () => {
    for (const restore of restores) restore();
  };
}

function capture(source: Source, write: (source: Source, text: string) => void): () => void {
  const stream = process[source];
  const original = stream.write;
  const captured = (
    chunk: string | Uint8Array,
    encoding?: BufferEncoding | (() => void),
    done?: () => void,
  ): boolean => {
    write(source, typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8'));
    const callback = typeof encoding === 'function' ? encoding : done;
    if (callback !== undefined) process.nextTick(callback);
    return true;
  };
  stream.write = captured as typeof stream.write;
  return () => {
    stream.write = original;
  };
}

function writeToLog(source: Source, text: string): void {
  const plain = stripVTControlCharacters(text).trim();
  if (plain !== '') log[levelOf(source, plain)]({ source }, plain);
}
