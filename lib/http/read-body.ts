import type { z } from 'zod';
import { Problem } from '../problem';

/** 500 repositories with the longest names that GitHub allows fit. */
const MAX_BODY_BYTES = 256 * 1024;

/**
 * The whole body, read up to a limit whatever `Content-Length` claims.
 *
 * @throws {Problem} `payload_too_large`
 */
export async function readBytes(request: Request, maxBytes: number): Promise<Buffer> {
  const tooLarge = () => new Problem('payload_too_large', `The body may hold at most ${maxBytes} bytes.`);
  if (Number(request.headers.get('content-length')) > maxBytes) throw tooLarge();
  if (request.body === null) return Buffer.alloc(0);
  const chunks: Uint8Array[] = [];
  let size = 0;
  const reader = request.body.getReader();
  for (let { done, value } = await reader.read(); !done; { done, value } = await reader.read()) {
    if (value === undefined) continue;
    size += value.byteLength;
    if (size > maxBytes) {
      await reader.cancel();
      throw tooLarge();
    }
    chunks.push(value);
  }
  return Buffer.concat(chunks);
}

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
  const result: Record<string, string> = {};
  for (const [name, value] of new URL(url).searchParams) {
    if (name in result)
      throw new Problem('invalid_request', `The parameter ${JSON.stringify(name)} is given twice.`);
    result[name] = value;
  }
  return result;
}
