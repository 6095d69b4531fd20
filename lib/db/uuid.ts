const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Whether PostgreSQL would take it as a uuid: what a caller sent is asked before it reaches a query. */
export function isUuid(text: string): boolean {
  return UUID.test(text);
}
