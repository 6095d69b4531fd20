import { notFound, redirect } from 'next/navigation';
import { Problem } from '@/lib/problem';

/** The result of an optional read: its value, or why the value isn't available now. */
export type MaybeNow<T> = { value: T; notNow: null } | { value: null; notNow: string };

/**
 * Awaits a read that the page can do without. If a rate limit or a busy database refuses it, returns a text to show in
 * place of the value.
 */
export async function orNotNow<T>(read: Promise<T>): Promise<MaybeNow<T>> {
  try {
    return { value: await read, notNow: null };
  } catch (error) {
    if (error instanceof Problem && (error.code === 'rate_limited' || error.code === 'database_unavailable'))
      return { value: null, notNow: error.message };
    throw error;
  }
}

/** Returns a page of a list. If the cursor is invalid, redirects to the first page. */
export async function orFirstPage<T>(page: Promise<T>, firstPageHref: string): Promise<T> {
  return page.catch((error: unknown) => {
    if (error instanceof Problem && error.code === 'invalid_request') redirect(firstPageHref);
    throw error;
  });
}

/** Awaits a read of one object. Without the object, shows the page for what is not there. */
export async function orNotFound<T>(read: Promise<T>): Promise<T> {
  return read.catch((error: unknown) => {
    if (error instanceof Problem && error.code === 'not_found') notFound();
    throw error;
  });
}
