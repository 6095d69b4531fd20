import { createHash } from 'node:crypto';

/**
 * Parses a delivery's body: JSON, or a form whose field `payload` is JSON. The body decides, because `Content-Type`
 * is not signed, and JSON never parses as such a form.
 *
 * @returns `undefined` for a body that is neither
 */
export function parseBody(body: Buffer): { value: unknown } | undefined {
  const text = body.toString('utf8');
  return parseJson(text) ?? parseJson(new URLSearchParams(text).get('payload') ?? '');
}

function parseJson(text: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

/** Returns the SHA-256 of the raw body, which the signature covers. */
export function hashBody(body: Buffer): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(createHash('sha256').update(body).digest());
}

/** Whether something between GitHub and here has compressed the body. GitHub itself sends no `Content-Encoding`. */
export function isEncoded(encoding: string | null | undefined): boolean {
  return Boolean(encoding) && encoding?.trim().toLowerCase() !== 'identity';
}
