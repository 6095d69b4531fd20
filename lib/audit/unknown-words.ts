import { QUERY_WORDS } from './query';

/** A part of a line that looks like a filter and was searched as text, and the filter that may have been meant. */
export type UnknownWord = { word: string; meant: string | null };

/** Names that other tools, our API and our pages give to a filter. */
const SYNONYMS: Readonly<Record<string, string>> = {
  account: 'connection',
  address: 'ip',
  date: 'on',
  day: 'on',
  event: 'type',
  from: 'after',
  installation: 'connection',
  org: 'connection',
  repository: 'repo',
  since: 'after',
  status: 'result',
  to: 'before',
  until: 'before',
  user: 'actor',
};

/** Further changes than this make another word. */
const MOST_CHANGES = 2;

/** A word, a colon and a value. An address such as `https://x.test` is none, and neither is a hash such as `sha256:ab`. */
const WORD = /(?:^|\s)-?([a-z][a-z_-]*):(?!\/\/)/gi;

/** How many words of a text are named, so that a pasted text does not fill the page. */
const MOST_NAMED = 3;

/** Finds the words before a colon that are no filter in a text that is searched for, each once. */
export function unknownWords(text: string): UnknownWord[] {
  const words = [...text.matchAll(WORD)].map(([, word = '']) => word.toLowerCase());
  return [...new Set(words)]
    .filter((word) => !QUERY_WORDS.includes(word))
    .slice(0, MOST_NAMED)
    .map((word) => ({ word, meant: closest(word) }));
}

function closest(word: string): string | null {
  const synonym = Object.hasOwn(SYNONYMS, word) ? SYNONYMS[word] : undefined;
  if (synonym !== undefined) return synonym;
  const [best] = QUERY_WORDS.map((each) => ({ each, changes: changesBetween(word, each) }))
    // Few changes turn a short word into any other: `in` is not `ip`.
    .filter(({ each, changes }) => changes <= (each.length < 4 ? 0 : MOST_CHANGES))
    .sort((one, other) => one.changes - other.changes);
  return best?.each ?? null;
}

/** Returns how many letters must be added, dropped or replaced to turn a word into another. */
function changesBetween(one: string, other: string): number {
  let above = Array.from({ length: other.length + 1 }, (_, at) => at);
  for (let row = 1; row <= one.length; row++) {
    const current = [row];
    for (let at = 1; at <= other.length; at++) {
      const replaced = (above[at - 1] ?? 0) + (one[row - 1] === other[at - 1] ? 0 : 1);
      current.push(Math.min(replaced, (above[at] ?? 0) + 1, (current[at - 1] ?? 0) + 1));
    }
    above = current;
  }
  return above[other.length] ?? 0;
}
