/**
 * Provides the baseline for a first sync, in its own process: fetches the pages of GitHub's repository list and
 * discards them.
 */
import { serveTasks } from './process';

export interface ReadPagesTask {
  /** The URL of the list, without `page`. */
  url: string;
  token: string;
  pages: number;
  parallel: number;
}

async function readPages({ url, token, pages, parallel }: ReadPagesTask): Promise<{ ms: number }> {
  const started = performance.now();
  const read = async (page: number): Promise<void> => {
    const response = await fetch(`${url}&page=${page}`, { headers: { authorization: `bearer ${token}` } });
    if (!response.ok) throw new Error(`page ${page}: ${response.status}`);
    await response.json();
  };
  // Fetch page 1 on its own first, like a real sync, which doesn't know the number of pages until then.
  await read(1);
  let next = 2;
  const reader = async (): Promise<void> => {
    while (next <= pages) await read(next++);
  };
  await Promise.all(Array.from({ length: parallel }, reader));
  return { ms: performance.now() - started };
}

serveTasks(readPages);
