const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Returns whether PostgreSQL accepts the text as a uuid. Check a caller's value before it reaches a query. */
export function isUuid(text: string): boolean {
  return UUID.test(text);
}
