/** Reads the commands of docs/operations.md and of the README as an operator does who follows them to the letter. */
import { readFileSync } from 'node:fs';

/**
 * Returns the code blocks of a chapter.
 *
 * @param language only those in this language
 * @throws if there is none
 */
export function blocksOf(file: string, heading: string, language = 'sh'): string[] {
  const blocks = [
    ...chapterOf(file, heading).matchAll(new RegExp(`^ *\`\`\`${language}\\n(.*?)^ *\`\`\``, 'gms')),
  ];
  if (blocks.length === 0) throw new Error(`${file}: no ${language} below ${heading}`);
  return blocks.map(([, text = '']) => text.replace(/^ {3}/gm, ''));
}

/** @throws if the file has no such chapter */
export function chapterOf(file: string, heading: string): string {
  const [, text] = readFileSync(file, 'utf8').split(`\n${heading}\n`);
  if (text === undefined) throw new Error(`${file}: no chapter ${heading}`);
  return text.split(/^#{1,2} /m)[0] ?? '';
}

/** A word in capital letters that is not the name of a variable. */
const WORD = /(?<![\w$])[A-Z]+(?:_[A-Z]+)+(?![\w=])/;

/**
 * Puts the reader's values in place of the words in capital letters.
 *
 * @throws if the reader has no value for one of them
 */
export function fillIn(text: string, words: Readonly<Record<string, string>>): string {
  const filled = Object.entries(words).reduce(
    (sofar, [word, value]) => sofar.replace(new RegExp(`(?<![\\w$])${word}(?![\\w=])`, 'g'), () => value),
    text,
  );
  const [left] = WORD.exec(filled) ?? [];
  if (left !== undefined) throw new Error(`the document does not say what ${left} is`);
  return filled;
}
