/** Finds what can complete a line of the log's search field. */
import { namedDays } from '@/lib/contract/day-words';

export type Completion = { value: string; label: string };

/** The values that can stand behind each word, by word: `type`, `actor`, `repo`, `connection`, `result` and times. */
export type CompletionSource = Readonly<Record<string, readonly Completion[]>>;

export type Completions = {
  /** The part of the text that a completion replaces. */
  from: number;
  to: number;
  options: Completion[];
};

/** As many as there are days and ages. */
const MOST_SHOWN = 12;

const DATE = { day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' } as const;

/** Returns the words for the last days with their dates, such as `tuesday — 24 Nov 2026`. */
export function daysToChoose(zone: string, now: Date): Completion[] {
  return namedDays(zone, now).map(({ word, day }) => ({
    value: word,
    label: `${word} — ${new Date(day).toLocaleDateString('en-GB', DATE)}`,
  }));
}

const needsQuotes = (value: string) => /[\s"]/.test(value);
const quoted = (value: string) => (needsQuotes(value) ? `"${value.replaceAll(/["\\]/g, '\\$&')}"` : value);

/** The part begins behind the last space before the caret that is not in quotes. */
function beginOfPart(text: string, caret: number): number {
  let begin = 0;
  let isQuoted = false;
  for (let at = 0; at < caret; at++) {
    if (isQuoted && text[at] === '\\') at++;
    else if (text[at] === '"') isQuoted = !isQuoted;
    else if (!isQuoted && text[at] === ' ') begin = at + 1;
  }
  return begin;
}

/** Completes the part of the text in which the caret stands: a word before a colon, or a value behind it. */
export function completionsAt(text: string, caret: number, source: CompletionSource): Completions {
  const from = beginOfPart(text, caret);
  const part = text.slice(from, caret);
  const colon = part.indexOf(':');
  if (colon < 0) {
    const typed = part.replace(/^-/, '').toLowerCase();
    const minus = part.startsWith('-') ? '-' : '';
    const words = Object.keys(source).filter(
      (word) => word.startsWith(typed) && (minus === '' || word === 'ip'),
    );
    return {
      from,
      to: caret,
      options: words.map((word) => ({ value: `${minus}${word}:`, label: `${minus}${word}:` })),
    };
  }
  const word = part.slice(0, colon).replace(/^-/, '').toLowerCase();
  const value = part.slice(colon + 1);
  // Behind a comma, the next item of a list is completed.
  const start = Math.max(value.lastIndexOf(',') + 1, 0);
  const typed = value.slice(start).replace(/^"/, '').toLowerCase();
  const values = Object.hasOwn(source, word) ? (source[word] ?? []) : [];
  const isMatch = (each: Completion) =>
    each.value.toLowerCase().includes(typed) || each.label.toLowerCase().includes(typed);
  const begins = ({ value: full }: Completion) => full.toLowerCase().startsWith(typed);
  const options = values
    .filter((each) => isMatch(each) && each.value.toLowerCase() !== typed)
    // `tu` is rather the beginning of `tuesday` than a part of `saturday`.
    .sort((one, other) => Number(begins(other)) - Number(begins(one)))
    .slice(0, MOST_SHOWN)
    .map(({ value: full, label }) => ({ value: `${quoted(full)} `, label }));
  return { from: from + colon + 1 + start, to: caret, options };
}

/** Puts a completion in the place of what was typed. */
export function complete(text: string, { from, to }: Completions, { value }: Completion) {
  return {
    text: `${text.slice(0, from)}${value}${text.slice(to).replace(/^ /, value.endsWith(' ') ? '' : ' ')}`,
    caret: from + value.length,
  };
}
