/**
 * The credential of an `Authorization: Bearer …` header; the scheme's case does not matter (RFC 9110, 11.1).
 *
 * @returns `null` when no bearer credential was sent; an empty string when one was announced and left out
 */
export function readBearer(authorization: string | null): string | null {
  const match = /^bearer(?: +(.*))?$/i.exec(authorization?.trim() ?? '');
  return match === null ? null : (match[1] ?? '');
}
