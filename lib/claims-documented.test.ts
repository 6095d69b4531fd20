import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const CLAIMS = readFileSync('docs/claims.md', 'utf8');
const FAULTS = readFileSync('docs/faults.md', 'utf8');
const PAGES = readFileSync('docs/pages.md', 'utf8');
const ROWS = [...CLAIMS.matchAll(/^\| (C\d\d) \|.*$/gm)].map(([row, id = '']) => ({
  id,
  tests: references(row),
  status: /^(held|partly|not yet)/.exec(row.split(' | ').at(-1) ?? '')?.[1],
}));

/** `file › title` and `file › group › title`, as they stand in backticks. */
function references(text: string): string[] {
  return [...text.matchAll(/`([^`]+ › [^`]+)`/g)].map(([, reference = '']) => reference);
}

/** Whether a file has a group or a test of this name that is not left out. */
function hasTitle(file: string, title: string): boolean {
  const text = readFileSync(file, 'utf8');
  return ["'", '"', '`'].some((quote) => {
    const at = text.indexOf(`${quote}${title}${quote}`);
    return at > 0 && /(?<!skip|todo|fixme)\(\s*$/.test(text.slice(0, at));
  });
}

describe('docs/claims.md', () => {
  it('has one row for each claim, with a status', () => {
    const ids = Array.from({ length: 24 }, (_, index) => `C${String(index + 1).padStart(2, '0')}`);
    expect(ROWS.map(({ id }) => id)).toEqual(ids);
    for (const { id, status } of ROWS) expect([id, status]).not.toContain(undefined);
  });

  it('names a test for every claim that is held, even partly', () => {
    expect(ROWS.filter(({ status, tests }) => status !== 'not yet' && tests.length === 0)).toEqual([]);
  });

  it.each(
    [...references(CLAIMS), ...references(FAULTS), ...references(PAGES)].filter(
      (reference) => !reference.startsWith('file ›'),
    ),
  )('names a test that exists: %s', (reference) => {
    const [file = '', ...titles] = reference.split(' › ');
    expect(titles.filter((title) => !hasTitle(file, title))).toEqual([]);
  });

  it('names every column that holds data of GitHub', () => {
    const rows = [...CLAIMS.matchAll(/^\| `([a-z_]+)` \| (.*) \|$/gm)];
    const documented = new Map(
      rows.map(([, table = '', cells = '']) => [
        table,
        [...cells.matchAll(/`([a-z_]+)`/g)].map(([, name = '']) => name),
      ]),
    );
    const without = /^None of GitHub's data is in (.*)\.$/m.exec(CLAIMS)?.[1] ?? '';
    for (const [table, columns] of tablesOfSchema()) {
      if (without.includes(`\`${table}\``)) continue;
      expect([table, [...(documented.get(table) ?? [])].sort()]).toEqual([table, columns.sort()]);
    }
  });
});

function tablesOfSchema(): Map<string, string[]> {
  const schema = readFileSync('prisma/schema.prisma', 'utf8');
  const models = [...schema.matchAll(/^model (\w+) \{\n(.*?)^\}/gms)];
  const names = new Set(models.map(([, name = '']) => name));
  return new Map(
    models.map(([, , body = '']) => [
      /@@map\("(\w+)"\)/.exec(body)?.[1] ?? '',
      [...body.matchAll(/^ {2}(\w+) +(\w+)(.*)$/gm)]
        .filter(([, , type = '']) => !names.has(type))
        .map(([, field = '', , rest = '']) => /[^@]@map\("(\w+)"\)/.exec(rest)?.[1] ?? field),
    ]),
  );
}

const DOCUMENTS = [
  ...[
    'README.md',
    'CONTRIBUTING.md',
    'SECURITY.md',
    'CHANGELOG.md',
    'packages/offline-github/README.md',
  ].filter((file) => existsSync(file)),
  ...readdirSync('docs').flatMap((file) => (file.endsWith('.md') ? [`docs/${file}`] : [])),
  ...readdirSync('docs/decisions').map((file) => `docs/decisions/${file}`),
];

describe.each(DOCUMENTS)('%s', (document) => {
  const text = readFileSync(document, 'utf8');

  it('names files that exist', () => {
    const named = [
      ...text.matchAll(/`((?:app|components|lib|prisma|cli|local|packages|e2e|docs)\/[\w./()[\]-]+?)\/?`/g),
    ].map(([, file = '']) => file);
    expect(named.filter((file) => !existsSync(file) && !existsSync(`${file}.ts`))).toEqual([]);
  });

  it('links to files that exist', () => {
    const folder = document.includes('/') ? document.slice(0, document.lastIndexOf('/') + 1) : '';
    const links = [...text.matchAll(/\]\((?!https?:|#|mailto:)([^)#]+)[^)]*\)/g)].map(([, to = '']) => to);
    expect(links.filter((to) => !existsSync(`${folder}${to}`))).toEqual([]);
  });
});
