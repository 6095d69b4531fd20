import { redirect } from 'next/navigation';
import { Problem } from '@/lib/problem';

/** A read that the page can do without: its value, or the reason why there is none now. */
type MaybeNow<T> = { value: T; notNow: null } | { value: null; notNow: string };

/** Turns a refusal for lack of room or time into a text that the page shows in place of the value. */
export async function orNotNow<T>(read: Promise<T>): Promise<MaybeNow<T>> {
  try {
    return { value: await read, notNow: null };
  } catch (error) {
    if (error instanceof Problem && (error.code === 'rate_limited' || error.code === 'database_unavailable'))
      return { value: null, notNow: error.message };
    throw error;
  }
}

/** Returns a page of a list. An invalid cursor leads to the first page. */
export async function orFirstPage<T>(page: Promise<T>, firstPageHref: string): Promise<T> {
  return page.catch((error: unknown) => {
    if (error instanceof Problem && error.code === 'invalid_request') redirect(firstPageHref);
    throw error;
  });
}
