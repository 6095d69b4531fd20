const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * Checks whether the text is a UUID in the usual form. Check a caller's value before using it in a query: any other
 * text makes the query fail with an error.
 */
export function isUuid(text: string): boolean {
  return UUID.test(text);
}
