import { redirect } from 'next/navigation';
import { Problem } from '@/lib/problem';

/** A page of a list; a cursor that is none, or was cut off on its way, leads to the first page. */
export async function orFirstPage<T>(page: Promise<T>, firstPageHref: string): Promise<T> {
  return page.catch((error: unknown) => {
    if (error instanceof Problem && error.code === 'invalid_request') redirect(firstPageHref);
    throw error;
  });
}
