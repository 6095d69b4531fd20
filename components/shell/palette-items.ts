/** A page, an action or a repository that the palette leads to. */
export type PaletteItem = {
  label: string;
  href: string;
  /** The heading above the first item of a group. Items of a group follow each other. */
  group: 'Pages' | 'Actions' | 'Workspaces' | 'Repositories' | 'API keys' | 'Trust rules' | 'Members';
  /** Other words that find the item, such as what can be done on a page. */
  also?: string;
};

export type PaletteProps = {
  /** The pages and actions that this reader may open. */
  items: readonly PaletteItem[];
  /** Slug of the workspace whose objects can be found; `null` outside a workspace. */
  workspace: string | null;
  /** Whether the reader may find keys, rules and members too. */
  isAdmin: boolean;
};

/** Returns the items that have every word of the text in their label, group or other words, in their own order. */
export function matching(items: readonly PaletteItem[], text: string): PaletteItem[] {
  const words = fold(text).split(/\s+/).filter(Boolean);
  return items.filter(({ label, group, also = '' }) => {
    const name = fold(`${label} ${group} ${also}`);
    return words.every((word) => name.includes(word));
  });
}

/** Makes letters comparable that differ only in case or accents. */
const fold = (text: string) => text.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase();
