export type Kind = 'comment' | 'document' | 'title';

/** A comment, a paragraph of a document or a test's title, without markers. Any code in the text becomes one word. */
export interface Prose {
  /** The line on which it begins, counted from 1. */
  line: number;
  kind: Kind;
  prose: string;
}

/** Matches strings and regular expressions first, so that text inside them is not taken for a comment. */
const TYPESCRIPT = new RegExp(
  [
    String.raw`'(?:\\.|[^'\\\n])*'`,
    String.raw`"(?:\\.|[^"\\\n])*"`,
    String.raw`\`(?:\\.|[^\`\\])*\``,
    String.raw`(?<=[(,=:[!&|?{;]\s*)\/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\[\n])+\/`,
    String.raw`(?<comment>\/\*[\s\S]*?\*\/|(?<!:)\/\/[^\n]*(?:\n[ \t]*\/\/[^\n]*)*)`,
  ].join('|'),
  'g',
);
const SQL = /'(?:''|[^'])*'|(?<comment>--[^\n]*(?:\n[ \t]*--[^\n]*)*|\/\*[\s\S]*?\*\/)/g;

/** Matches comments written for tools, not for people. */
const DIRECTIVE = /^(?:biome-ignore|@ts-|@vitest|[@#]__|\/ <reference|v8 ignore|webpack)/;

const TEST_FILE = /\.(?:test|spec)\.tsx?$/;
/** Matches source text that ends right before the title of a test or of a group. */
const BEFORE_TITLE = /(?:\b(?:describe|it|test)(?:\.\w+)*|\))\(\s*$/;

/**
 * Returns the prose of a file. In a Markdown document, these are the paragraphs, list items and table cells. In a
 * source file, these are the comments and the titles of tests.
 */
export function proseOf(path: string, text: string): Prose[] {
  if (path.endsWith('.md')) return paragraphsOf(text);
  const found = [...text.matchAll(path.endsWith('.sql') ? SQL : TYPESCRIPT)];
  return found.flatMap((match) => [
    ...commentsIn(match, text),
    ...(TEST_FILE.test(path) ? titleIn(match, text) : []),
  ]);
}

function titleIn({ 0: string, index }: RegExpMatchArray, text: string): Prose[] {
  if (index === undefined || !/^['"`]/.test(string) || !BEFORE_TITLE.test(text.slice(0, index))) return [];
  return [{ line: lineAt(text, index), kind: 'title', prose: string.slice(1, -1) }];
}

function commentsIn({ groups, index }: RegExpMatchArray, text: string): Prose[] {
  const comment = groups?.comment;
  if (comment === undefined || index === undefined) return [];
  const line = lineAt(text, index);
  return withoutMarkers(comment)
    .split(/\n\s*\n/)
    .map((paragraph) => withoutCode(paragraph).trim())
    .filter((prose) => prose !== '' && !DIRECTIVE.test(prose))
    .map((prose) => ({ line, kind: 'comment', prose }));
}

function withoutMarkers(comment: string): string {
  return comment
    .replace(/^\/\*+|\*+\/$/g, '')
    .split('\n')
    .map((line) => line.replace(/^\s*(?:\/{2,3}|\*(?!\*)|--)? ?/, ''))
    .join('\n');
}

function paragraphsOf(text: string): Prose[] {
  const withoutFences = text.replace(/^(\s*)```[\s\S]*?^\1```/gm, (fence) => fence.replace(/[^\n]/g, ''));
  const found: Prose[] = [];
  let line = 0;
  let open: Prose | undefined;
  for (const row of withoutFences.split('\n')) {
    line += 1;
    if (row.trim() === '') {
      open = undefined;
    } else if (row.startsWith('|')) {
      open = undefined;
      for (const cell of row.split(/(?<!\\)\|/))
        found.push({ line, kind: 'document', prose: withoutCode(cell).trim() });
    } else if (open === undefined || /^\s*(?:[-*>#]|\d+\.)\s/.test(row)) {
      open = { line, kind: 'document', prose: withoutCode(row.replace(/^\s*(?:[-*>]|#+|\d+\.)\s+/, '')) };
      found.push(open);
    } else {
      open.prose += `\n${withoutCode(row)}`;
    }
  }
  return found.filter(({ prose }) => prose !== '');
}

function withoutCode(text: string): string {
  return text
    .replace(/`[^`]*`/g, '`code`')
    .replace(/\]\([^)]*\)/g, ']')
    .replace(/[*_[\]]+(?=\w)|(?<=[\w.!?])[*_\]]+/g, '');
}

/** Splits a paragraph into sentences, each on one line. A tag such as `@throws` or a list item begins a new one. */
export function sentencesOf(prose: string): string[] {
  return prose
    .split(/\n\s*(?:[-*] |\d+\. |(?=@\w))/)
    .flatMap((item) => item.replace(/\s+/g, ' ').split(/(?<=[.!?][)"'”’]?) (?=[("'“‘]?[A-Z`0-9])/))
    .map((sentence) => sentence.trim())
    .filter((sentence) => sentence !== '');
}

function lineAt(text: string, index: number): number {
  return text.slice(0, index).split('\n').length;
}
