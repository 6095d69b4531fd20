import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { hasTitle, readClaims, references } from '../local/claims/documented';
import manifest from '../package.json' with { type: 'json' };
import offlineGitHub from '../packages/offline-github/package.json' with { type: 'json' };

const CLAIMS = readFileSync('docs/claims.md', 'utf8');
const FAULTS = readFileSync('docs/faults.md', 'utf8');
const PAGES = readFileSync('docs/pages.md', 'utf8');
const ROWS = readClaims(CLAIMS);

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

  it('names every column that holds data from GitHub', () => {
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

const DOCUMENTS = execFileSync('git', ['ls-files', '-z', '*.md'], { encoding: 'utf8' })
  .split('\0')
  .filter((file) => file !== '' && existsSync(file));
const FOLDERS =
  'app|bench|bin|cli|client|components|deploy|docs|e2e|faults|lib|local|packages|prisma|public|src';
/**
 * Matches a path in one of these directories. A bare file name is not checked, because it may refer to any file with
 * that name.
 */
const PATHS = new RegExp(String.raw`(?<=^|[\s(])((?:${FOLDERS})/[\w./()[\]-]*\w[\])]?)/?(?=$|[\s,:)])`, 'g');
const SCRIPTS: Record<string, { scripts: Record<string, string> }> = {
  '': manifest,
  'offline-github': offlineGitHub,
};

function existsFor(document: string, file: string): boolean {
  const folder = path.dirname(document);
  return [file, `${file}.ts`, `${folder}/${file}`].some((each) => existsSync(each));
}

/** Returns the text in backticks and in code blocks. */
function codeOf(text: string): string[] {
  const blocks = [...text.matchAll(/^```\w*\n([\s\S]*?)^```/gm)].map(([, block = '']) => block);
  const inline = text.replace(/^```[\s\S]*?^```/gm, '').matchAll(/`([^`]+)`/g);
  return [...blocks.flatMap((block) => block.split('\n')), ...[...inline].map(([, code = '']) => code)];
}

/** Returns the reasons why a command cannot be run, or an empty list. */
function faultOf(command: string, document: string): string[] {
  const words = command
    .replace(/ #.*/, '')
    .trim()
    .split(/\s+/)
    .filter((word) => word !== '--silent');
  const [program, second = '', third = '', fourth = ''] = words;
  const workspace = /--workspace (\S+)/.exec(command.split(' -- ')[0] ?? '')?.[1] ?? '';
  const script = second === 'run' ? third : second;
  if (program === 'npm' && (second === 'run' || ['test', 'start'].includes(second))) {
    if (SCRIPTS[workspace]?.scripts[script] === undefined) return [command];
    const name = words[words.indexOf('--') + 1] ?? '';
    const isAdmin = script === 'admin' && /^[a-z-]+(:[a-z]+)?$/.test(name);
    if (isAdmin && !existsSync(`cli/commands/${name.replace(':', '-')}.ts`)) return [command];
    if (script === 'test:unit' && fourth !== '' && !existsSync(words.at(-1) ?? '')) return [command];
    return [];
  }
  const file = second === 'tsx' ? third : program === 'node' || program === 'tsx' ? second : '';
  return /^[\w./-]+\.(?:m?[jt]s|tsx)$/.test(file) && !existsFor(document, file) ? [command] : [];
}

/** Returns the paths in a directory tree, in which two spaces of indentation mean one level. */
function treeIn(text: string): string[] {
  const above: string[] = [];
  const section = /^## Layout\n+```\n([\s\S]*?)^```/m.exec(text)?.[1] ?? '';
  return section.split('\n').flatMap((line) => {
    const names = /^( *)((?:[\w.-]+\/? {1,2})*[\w.-]+\/?)(?: {2}|$)/.exec(line);
    if (names === null) return [];
    const [, indent = '', list = ''] = names;
    const depth = indent.length / 2;
    const found = list.split(/ +/).filter((name) => /\/$|\.\w+$/.test(name));
    above.length = depth;
    above[depth] = found[0] ?? '';
    return found.map((name) => [...above.slice(0, depth), name].join(''));
  });
}

describe.each(DOCUMENTS)('%s', (document) => {
  const text = readFileSync(document, 'utf8');

  it('names files that exist', () => {
    const named = codeOf(text)
      .filter((code) => !/^(?:npm|npx|GET|POST|PUT|PATCH|DELETE) /.test(code))
      .flatMap((code) => [...code.matchAll(PATHS)].map(([, file = '']) => file));
    expect(named.filter((file) => !existsFor(document, file))).toEqual([]);
  });

  it('names commands that exist', () => {
    const commands = codeOf(text).filter((code) => /^\s*(?:npm|npx|node|tsx) /.test(code));
    expect(commands.flatMap((command) => faultOf(command, document))).toEqual([]);
  });

  it('draws a layout in which every folder exists', () => {
    expect(treeIn(text).filter((file) => !existsSync(file))).toEqual([]);
  });

  it('links to files that exist', () => {
    const folder = path.dirname(document);
    const links = [...text.matchAll(/\]\((?!https?:|#|mailto:)([^)#]+)[^)]*\)/g)].map(([, to = '']) => to);
    expect(links.filter((to) => !existsSync(`${folder}/${to}`))).toEqual([]);
  });
});

it('draws the layout in the README', () => {
  expect(treeIn(readFileSync('README.md', 'utf8')).length).toBeGreaterThan(20);
});

describe('docs/decisions', () => {
  it.each(DOCUMENTS.filter((file) => file.startsWith('docs/decisions/')))(
    'has Context, Decision and Consequences in %s',
    (file) => {
      const headings = [...readFileSync(file, 'utf8').matchAll(/^## (.*)$/gm)].map(([, heading]) => heading);
      expect(headings.slice(0, 3)).toEqual(['Context', 'Decision', 'Consequences']);
    },
  );
});
