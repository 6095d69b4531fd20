/** `2026-11-22 20:05:35 UTC`. What is not a time comes back as it is. */
export function formatUtc(value: string): string {
  const date = new Date(value);
  return Number.isNaN(date.valueOf()) ? value : `${date.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}
