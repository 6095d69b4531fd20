import { Bulkhead } from '../async';
import { log } from '../observability/log';
import { Problem } from '../problem';

/**
 * The minimum size of a chunk. Lines are combined into chunks, because sending each line separately would cost more
 * than producing it.
 */
const CHUNK_CHARACTERS = 64 * 1024;

async function* chunks(lines: AsyncIterable<string>): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  let pending = '';
  for await (const line of lines) {
    pending += line;
    if (pending.length < CHUNK_CHARACTERS) continue;
    yield encoder.encode(pending);
    pending = '';
  }
  if (pending !== '') yield encoder.encode(pending);
}

/**
 * The most downloads a workspace may have open at the same time in this process. Each one keeps two batches of events
 * in memory.
 */
export const OPEN_DOWNLOADS = 4;

/**
 * How long to wait for a client that reads nothing. After that, it counts as gone, even if its connection is still
 * open.
 */
export const PATIENCE_MS = 60_000;

const slots = new Bulkhead({ inAll: Number.POSITIVE_INFINITY, each: OPEN_DOWNLOADS, waiting: 0 });

/**
 * Takes one of the workspace's download slots.
 *
 * @returns a function that releases the slot; calling it again has no effect
 * @throws {Problem} `rate_limited` if no slot is free
 */
async function takeSlot(of: string): Promise<() => void> {
  const release = await slots.enter(of, 0);
  if (release === undefined)
    throw new Problem('rate_limited', 'Other exports of this workspace are still being sent. Wait for one.', {
      retryAfterSeconds: PATIENCE_MS / 1000,
    });
  return release;
}

type Download = {
  request: Pick<Request, 'method' | 'signal'>;
  /** The id of the workspace whose slot the download takes. */
  of: string;
  start: () => Promise<AsyncIterable<string>>;
  contentType: string;
  filename: string;
};

/**
 * Streams a file to the client while it is being produced, at the client's pace. If an error occurs halfway, cuts the
 * connection, so the client can't mistake half a file for a complete one. Also cuts off a client that stops reading.
 *
 * @throws {Problem} `rate_limited` if the workspace has too many open downloads; otherwise whatever `start` throws
 */
export async function download(wanted: Download): Promise<Response> {
  const { request, of, start, contentType, filename } = wanted;
  const headers = {
    'content-type': contentType,
    'content-disposition': `attachment; filename="${filename}"`,
  };
  // For HEAD, Next also runs the GET handler, but never reads the body.
  if (request.method === 'HEAD') return new Response(null, { headers });
  const release = await takeSlot(of);
  let lines: AsyncIterable<string>;
  try {
    lines = await start();
  } catch (error) {
    release();
    throw error;
  }
  return new Response(streamOf(lines, release, request.signal), { headers });
}

function streamOf(
  lines: AsyncIterable<string>,
  release: () => void,
  signal: AbortSignal,
): ReadableStream<Uint8Array> {
  const source = chunks(lines);
  let patience: NodeJS.Timeout | undefined;
  const end = async () => {
    clearTimeout(patience);
    release();
    await source.return(undefined);
  };
  const abandon = () => {
    end().catch((error: unknown) => log.error({ err: error }, 'an export could not be released'));
  };
  // If the client aborts before the first byte is sent, `cancel()` is never called, so listen for the abort here. It
  // may even have happened already.
  if (signal.aborted) abandon();
  else signal.addEventListener('abort', abandon, { once: true });
  // The stream requests its first chunk by itself, so the timer starts even if the client never reads.
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      clearTimeout(patience);
      try {
        const { done, value } = await source.next();
        if (done) {
          release();
          return controller.close();
        }
        controller.enqueue(value);
      } catch (error) {
        release();
        throw error;
      }
      patience = setTimeout(() => {
        controller.error(new Error('nobody reads this download'));
        abandon();
      }, PATIENCE_MS).unref();
    },
    cancel: end,
  });
}
