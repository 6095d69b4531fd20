'use client';

import { useEffect, useState } from 'react';
import type { PaletteItem } from './palette-items';

const DEBOUNCE_MS = 200;
const SHOWN = 8;

export type FoundRepositories = {
  state: 'idle' | 'searching' | 'found' | 'failed';
  items: PaletteItem[];
};

const NONE: FoundRepositories = { state: 'idle', items: [] };

/** Searches the workspace's repositories while the user types, from the second character on. */
export function useRepositories(workspace: string | null, text: string): FoundRepositories {
  const query = text.trim();
  const [found, setFound] = useState<FoundRepositories>(NONE);

  useEffect(() => {
    if (workspace === null || query.length < 2) return setFound(NONE);
    const controller = new AbortController();
    setFound({ state: 'searching', items: [] });
    const timer = setTimeout(() => {
      search(workspace, query, controller.signal).then(
        (items) => setFound({ state: 'found', items }),
        () => {
          if (!controller.signal.aborted) setFound({ state: 'failed', items: [] });
        },
      );
    }, DEBOUNCE_MS);
    return () => {
      clearTimeout(timer);
      controller.abort();
    };
  }, [workspace, query]);

  return found;
}

async function search(workspace: string, query: string, signal: AbortSignal): Promise<PaletteItem[]> {
  const parameters = new URLSearchParams({ q: query, limit: String(SHOWN) });
  const response = await fetch(`/api/v1/workspaces/${workspace}/github/repositories?${parameters}`, {
    signal,
  });
  if (!response.ok) throw new Error(`The search was answered with ${response.status}`);
  const { data }: { data: { id: number; full_name: string }[] } = await response.json();
  return data.map(({ id, full_name }) => ({
    label: full_name,
    href: `/w/${workspace}/repositories/${id}`,
    group: 'Repositories',
  }));
}
