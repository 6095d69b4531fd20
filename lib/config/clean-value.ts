/** Characters that show nothing: zero-width, bidirectional, soft hyphen, BOM. They arrive by copy and paste. */
const INVISIBLE = /[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]/;
/** Control characters, and the two line separators that `\s` counts as space. */
const CONTROL = /[\p{Cc}\u2028\u2029]/u;
const EDGE =
  /^[\s\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]+|[\s\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]+$/g;

/** Pairs that a shell, a YAML file or a word processor puts around a value. */
const QUOTES: readonly (readonly [string, string])[] = [
  ['"', '"'],
  ["'", "'"],
  ['`', '`'],
  ['“', '”'],
  ['‘', '’'],
];

/** Removes spaces, line breaks and invisible characters around a value, then one pair of quotes. */
export function trimValue(value: string): string {
  const trimmed = value.replace(EDGE, '');
  const pair = QUOTES.find(
    ([open, close]) => trimmed.length > 1 && trimmed.startsWith(open) && trimmed.endsWith(close),
  );
  return pair === undefined ? trimmed : trimmed.slice(1, -1).replace(EDGE, '');
}

/** @returns what makes a trimmed value unusable; never the value */
export function faultOf(value: string): string | undefined {
  if (/[\r\n]/.test(value)) return 'holds a line break';
  if (CONTROL.test(value)) return 'holds a control character';
  if (INVISIBLE.test(value)) return 'holds an invisible character';
  if (QUOTES.flat().some((quote) => value.startsWith(quote) || value.endsWith(quote)))
    return 'begins or ends with a quote';
  return undefined;
}

/** Removes invisible characters wherever they stand. For PEM, where none can be meant. */
export function removeInvisible(value: string): string {
  return value.replaceAll(new RegExp(INVISIBLE, 'g'), '');
}
