/** A page, an action or a repository that the palette leads to. */
export type PaletteItem = {
  label: string;
  href: string;
  /** The heading above the first item of a group. Items of a group follow each other. */
  group: 'Pages' | 'Actions' | 'Workspaces' | 'Repositories';
};

export type PaletteProps = {
  /** The pages and actions that this reader may open. */
  items: readonly PaletteItem[];
  /** Slug of the workspace whose repositories can be found; `null` outside a workspace. */
  workspace: string | null;
};

/** Returns the items that have every word of the text in their label or group, in their own order. */
export function matching(items: readonly PaletteItem[], text: string): PaletteItem[] {
  const words = fold(text).split(/\s+/).filter(Boolean);
  return items.filter(({ label, group }) => {
    const name = fold(`${label} ${group}`);
    return words.every((word) => name.includes(word));
  });
}

/** Makes letters comparable that differ only in case or accents. */
const fold = (text: string) => text.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase();
