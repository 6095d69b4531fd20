import { z } from 'zod';
import { Problem } from '../problem';

/** 500 repositories with the longest names that GitHub allows fit. */
const MAX_BODY_BYTES = 256 * 1024;

/** Milliseconds that a body may take. GitHub itself waits no longer for the whole of a delivery. */
export const READ_PATIENCE_MS = 10_000;

/**
 * The whole body, read up to a limit whatever `Content-Length` claims.
 *
 * @param bounds.hold told of each chunk before it is kept; what it throws ends the reading
 * @param bounds.enter awaited once, before more than `bounds.bytes` are held; what it throws ends the reading
 * @throws {Problem} `payload_too_large`; `invalid_request` when it takes too long
 */
export async function readBytes(
  request: Request,
  maxBytes: number,
  bounds?: { hold: (bytes: number) => void; bytes: number; enter: () => Promise<void> },
): Promise<Buffer> {
  const tooLarge = () => new Problem('payload_too_large', `The body may hold at most ${maxBytes} bytes.`);
  if (Number(request.headers.get('content-length')) > maxBytes) throw tooLarge();
  if (request.body === null) return Buffer.alloc(0);
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of inTime(request.body)) {
    const before = size;
    size += chunk.byteLength;
    if (size > maxBytes) throw tooLarge();
    if (bounds !== undefined && before <= bounds.bytes && size > bounds.bytes) await bounds.enter();
    bounds?.hold(chunk.byteLength);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Leaving the loop early, by an error too, cancels the rest. */
async function* inTime(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = body.getReader();
  // Of what is broken already there is nothing to cancel, and its error is on its way.
  const cancel = () => reader.cancel().catch(() => {});
  let isLate = false;
  // A read that is waiting then ends as if the body had.
  const timer = setTimeout(() => {
    isLate = true;
    void cancel();
  }, READ_PATIENCE_MS);
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (isLate) throw new Problem('invalid_request', 'The body did not arrive in time.');
      if (done) return;
      yield value;
    }
  } finally {
    clearTimeout(timer);
    await cancel();
  }
}

/** Of a route that takes nothing: unknown fields are refused in every body. */
export const NoBody = z.strictObject({});

/**
 * JSON body checked by a schema; no body counts as `{}`.
 *
 * @throws {Problem} `unsupported_media_type`, `payload_too_large`, `invalid_request`
 */
export async function readJson<T extends z.ZodType>(request: Request, schema: T): Promise<z.output<T>> {
  const bytes = await readBytes(request, MAX_BODY_BYTES);
  if (bytes.length === 0) return parseInput(schema, {});
  const type = request.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/json') throw new Problem('unsupported_media_type', 'Send application/json.');
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw new Problem('invalid_request', 'The body is not JSON.');
  }
  return parseInput(schema, value);
}

/** @throws {Problem} `invalid_request` with one entry in `errors` for each thing that is wrong */
export function parseInput<T extends z.ZodType>(schema: T, value: unknown): z.output<T> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new Problem('invalid_request', 'The request is not valid.', {
    errors: parsed.error.issues.map((issue) => ({ path: issue.path.join('.'), message: issue.message })),
  });
}

/** Query parameters as an object; one that is given twice is refused rather than half believed. */
export function queryObject(url: string): Record<string, string> {
  const result = new Map<string, string>();
  for (const [name, value] of new URL(url).searchParams) {
    if (result.has(name))
      throw new Problem('invalid_request', 'A parameter is given twice.', {
        errors: [{ path: name, message: 'is given twice' }],
      });
    result.set(name, value);
  }
  return Object.fromEntries(result);
}
