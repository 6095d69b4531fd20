import path from 'node:path';

export interface SourceFile {
  /** The path relative to the project, with forward slashes. */
  path: string;
  text: string;
}

/** Returns the project's own files that this file imports, as paths from the root. Imports of types count too. */
export function projectImports({ path: from, text }: SourceFile): string[] {
  const specifiers = withoutComments(text).matchAll(/(?:\bfrom|\bimport\s*\(|\bimport)\s*['"]([^'"]+)['"]/g);
  return [...specifiers].flatMap(([, specifier = '']) => {
    if (specifier.startsWith('@/')) return [specifier.slice(2)];
    if (specifier.startsWith('.')) return [path.posix.join(path.posix.dirname(from), specifier)];
    return [];
  });
}

export function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '');
}

/** The endings that an import may leave out. */
const ENDINGS = ['', '.ts', '.tsx', '/index.ts', '/index.tsx'];

/**
 * Finds groups of files that import each other, directly or through others (Tarjan's algorithm).
 *
 * @returns one cycle for each group, from a file back to itself
 */
export function findCycles(files: readonly SourceFile[]): string[][] {
  const known = new Set(files.map(({ path: file }) => file));
  const imports = new Map(
    files.map((file) => [
      file.path,
      projectImports(file).flatMap((target) =>
        ENDINGS.map((ending) => target + ending).filter((each) => known.has(each)),
      ),
    ]),
  );
  const order = new Map<string, number>();
  const stack: string[] = [];
  const groups: string[][] = [];
  /** Returns the lowest number among the files on the stack that this file can reach. */
  const visit = (file: string): number => {
    const number = order.size;
    order.set(file, number);
    stack.push(file);
    let lowest = number;
    for (const target of imports.get(file) ?? []) {
      const seen = order.get(target);
      if (seen === undefined) lowest = Math.min(lowest, visit(target));
      else if (stack.includes(target)) lowest = Math.min(lowest, seen);
    }
    if (lowest === number) groups.push(stack.splice(stack.indexOf(file)));
    return lowest;
  };
  for (const file of known) if (!order.has(file)) visit(file);
  return groups.flatMap((group) => {
    const cycle = shortestCycle(group, imports);
    return cycle === undefined ? [] : [cycle];
  });
}

/** Returns the shortest path of imports from a group's first file back to itself, or undefined if there is none. */
function shortestCycle(
  group: readonly string[],
  imports: ReadonlyMap<string, readonly string[]>,
): string[] | undefined {
  const [first] = group;
  if (first === undefined) return undefined;
  const ways = [[first]];
  const seen = new Set<string>();
  for (const way of ways)
    for (const target of imports.get(way.at(-1) ?? '') ?? []) {
      if (target === first) return [...way, first];
      if (!group.includes(target) || seen.has(target)) continue;
      seen.add(target);
      ways.push([...way, target]);
    }
  return undefined;
}
