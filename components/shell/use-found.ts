'use client';

import { useEffect, useState } from 'react';
import { matching, type PaletteItem, type PaletteProps } from './palette-items';

const DEBOUNCE_MS = 200;
const SHOWN = 8;

export type Found = {
  state: 'idle' | 'searching' | 'found' | 'failed';
  items: PaletteItem[];
};

const NONE: Found = { state: 'idle', items: [] };

type Row = { id: string | number; status?: string } & Record<string, string | null>;

/** A list of the API that the palette searches. A member's session may read the first one, an admin's all. */
type Source = {
  group: PaletteItem['group'];
  /** The list's path below the workspace's. The API searches repositories, and returns the other lists whole. */
  path: (query: string) => string;
  /** Whether the list is read to its end, because the API does not search it. */
  isWhole: boolean;
  /** The path of the pages of its objects, below the workspace's. */
  pages: string;
  label: (row: Row) => string | null | undefined;
};

const SOURCES: readonly [Source, ...Source[]] = [
  {
    group: 'Repositories',
    path: (query) => `github/repositories?${new URLSearchParams({ q: query, limit: String(SHOWN) })}`,
    isWhole: false,
    pages: 'repositories',
    label: ({ full_name }) => full_name,
  },
  {
    group: 'API keys',
    path: () => 'api-keys?limit=100',
    isWhole: true,
    pages: 'settings/api-keys',
    label: ({ name }) => name,
  },
  {
    group: 'Trust rules',
    path: () => 'trust-rules?limit=100',
    isWhole: true,
    pages: 'settings/trust-rules',
    label: ({ name }) => name,
  },
  {
    group: 'Members',
    path: () => 'members',
    isWhole: true,
    pages: 'settings/members',
    label: ({ name, email }) => [name, email].filter(Boolean).join(', '),
  },
];

/** Searches the workspace's objects while the user types, from the second character on. */
export function useFound({ workspace, isAdmin }: Omit<PaletteProps, 'items'>, text: string): Found {
  const query = text.trim();
  const [found, setFound] = useState<Found>(NONE);
  // Lists that no query changes are read once for as long as the palette is open.
  const [lists] = useState(() => new Map<string, Promise<Row[]>>());

  useEffect(() => {
    if (workspace === null || query.length < 2) return setFound(NONE);
    let isCurrent = true;
    setFound({ state: 'searching', items: [] });
    const timer = setTimeout(async () => {
      const sources = isAdmin ? SOURCES : SOURCES.slice(0, 1);
      const answers = await Promise.allSettled(
        sources.map(async (source) => {
          const path = source.path(query);
          const rows = lists.get(path) ?? read(workspace, path, source.isWhole);
          lists.set(path, rows);
          rows.catch(() => lists.delete(path));
          return itemsOf(source, workspace, await rows, query);
        }),
      );
      if (!isCurrent) return;
      setFound({
        state: answers.some(({ status }) => status === 'rejected') ? 'failed' : 'found',
        items: answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : [])),
      });
    }, DEBOUNCE_MS);
    return () => {
      isCurrent = false;
      clearTimeout(timer);
    };
  }, [workspace, isAdmin, query, lists]);

  return found;
}

/** The most pages of a list that are read, of a hundred rows each. */
const MOST_PAGES = 10;

async function read(workspace: string, path: string, isWhole: boolean): Promise<Row[]> {
  const rows: Row[] = [];
  let cursor: string | null = null;
  for (let page = 0; page < (isWhole ? MOST_PAGES : 1); page++) {
    const after: string = cursor === null ? '' : `&${new URLSearchParams({ cursor })}`;
    const response = await fetch(`/api/v1/workspaces/${workspace}/${path}${after}`);
    if (!response.ok) throw new Error(`The list was answered with ${response.status}`);
    const { data, next_cursor }: { data: Row[]; next_cursor: string | null } = await response.json();
    rows.push(...data);
    cursor = next_cursor;
    if (cursor === null) break;
  }
  return rows;
}

/** Returns the rows that match, without keys and rules that have ended, and without invitations, which have no page. */
function itemsOf(
  { group, pages, label }: Source,
  workspace: string,
  rows: Row[],
  query: string,
): PaletteItem[] {
  const items = rows
    .filter(({ status = 'active' }) => status === 'active')
    .map((row) => ({ label: label(row) ?? '', href: `/w/${workspace}/${pages}/${row.id}`, group }));
  return matching(items, query).slice(0, SHOWN);
}
