import { Problem } from '@/lib/problem';

/** A read that a page can do without for the moment: its value, or why there is none now. */
type MaybeNow<T> = { value: T; notNow: null } | { value: null; notNow: string };

/** Turns a refusal for lack of room or time into something that the page shows in the place of the value. */
export async function orNotNow<T>(read: Promise<T>): Promise<MaybeNow<T>> {
  try {
    return { value: await read, notNow: null };
  } catch (error) {
    if (error instanceof Problem && (error.code === 'rate_limited' || error.code === 'database_unavailable'))
      return { value: null, notNow: error.message };
    throw error;
  }
}
