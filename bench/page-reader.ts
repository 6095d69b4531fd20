/**
 * Provides the baseline for a first sync, in its own process: it reads the pages of GitHub's list and discards them.
 */
import { serveTasks } from './process';

export interface ReadPagesTask {
  /** The list's URL without `page`. */
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
  // Read the first page before the others, as the sync does, because only that page tells a sync how many pages there
  // are.
  await read(1);
  let next = 2;
  const reader = async (): Promise<void> => {
    while (next <= pages) await read(next++);
  };
  await Promise.all(Array.from({ length: parallel }, reader));
  return { ms: performance.now() - started };
}

serveTasks(readPages);
