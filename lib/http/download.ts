import { log } from '../observability/log';
import { Problem } from '../problem';

/** Bytes that are collected before they are sent: a chunk a line would cost more than the line. */
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

/** At once for one workspace, in this process: each holds a batch of events, and has read the next one ahead. */
export const OPEN_DOWNLOADS = 4;

/** Milliseconds. Whoever takes nothing for so long has gone, whatever the connection says. */
export const PATIENCE_MS = 60_000;

const openOf = new Map<string, number>();

/**
 * @returns how to give the place back; again changes nothing
 * @throws {Problem} `rate_limited`
 */
function takePlace(of: string): () => void {
  const open = openOf.get(of) ?? 0;
  if (open >= OPEN_DOWNLOADS)
    throw new Problem('rate_limited', 'Other exports of this workspace are still being sent. Wait for one.', {
      retryAfterSeconds: PATIENCE_MS / 1000,
    });
  openOf.set(of, open + 1);
  let taken = true;
  return () => {
    if (!taken) return;
    taken = false;
    const left = (openOf.get(of) ?? 0) - 1;
    if (left > 0) openOf.set(of, left);
    else openOf.delete(of);
  };
}

type Download = {
  request: Pick<Request, 'method' | 'signal'>;
  /** Whose it is: the id of a workspace. */
  of: string;
  start: () => Promise<AsyncIterable<string>>;
  contentType: string;
  filename: string;
};

/**
 * A file that is sent while it is made, as fast as the client takes it. A failure in the middle cuts the connection,
 * so that half a file cannot pass for a whole one; so does a client that stops reading.
 *
 * @throws {Problem} `rate_limited` when too many are open; or what `start` throws
 */
export async function download(wanted: Download): Promise<Response> {
  const { request, of, start, contentType, filename } = wanted;
  const headers = {
    'content-type': contentType,
    'content-disposition': `attachment; filename="${filename}"`,
  };
  // Next has it answered as GET is, and never looks at the body.
  if (request.method === 'HEAD') return new Response(null, { headers });
  const leave = takePlace(of);
  let lines: AsyncIterable<string>;
  try {
    lines = await start();
  } catch (error) {
    leave();
    throw error;
  }
  return new Response(streamOf(lines, leave, request.signal), { headers });
}

function streamOf(
  lines: AsyncIterable<string>,
  leave: () => void,
  signal: AbortSignal,
): ReadableStream<Uint8Array> {
  const source = chunks(lines);
  let patience: NodeJS.Timeout | undefined;
  const end = async () => {
    clearTimeout(patience);
    leave();
    await source.return(undefined);
  };
  const letGo = () => {
    end().catch((error: unknown) => log.error({ err: error }, 'an export could not be let go of'));
  };
  // Who goes before the first byte is sent cancels nothing, and may have gone while it was begun.
  if (signal.aborted) letGo();
  else signal.addEventListener('abort', letGo, { once: true });
  // The stream pulls once by itself, so that one whose reader never begins is let go of as well.
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      clearTimeout(patience);
      try {
        const { done, value } = await source.next();
        if (done) {
          leave();
          return controller.close();
        }
        controller.enqueue(value);
      } catch (error) {
        leave();
        throw error;
      }
      patience = setTimeout(() => {
        controller.error(new Error('nobody reads this download'));
        letGo();
      }, PATIENCE_MS).unref();
    },
    cancel: end,
  });
}
