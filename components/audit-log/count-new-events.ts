import { counted } from '@/lib/contract/counted';

/**
 * Says how many events are newer than the given one.
 *
 * @param checkHref the API URL that lists events, newest first
 * @returns an empty text if there are none, `null` if the server did not say
 */
export async function newEvents(checkHref: string, newest: number): Promise<string | null> {
  const response = await fetch(checkHref).catch(() => null);
  if (!response?.ok) return null;
  const { data, next_cursor }: { data: { seq: number }[]; next_cursor: string | null } =
    await response.json();
  const count = data.filter(({ seq }) => seq > newest).length;
  if (count === 0) return '';
  return count === data.length && next_cursor !== null ? `${count}+ new events` : counted(count, 'new event');
}
