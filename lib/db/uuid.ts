const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * Returns whether the text is a UUID in the usual form. Check a caller's value before it reaches a query, because a
 * query with any other text fails with an error.
 */
export function isUuid(text: string): boolean {
  return UUID.test(text);
}
