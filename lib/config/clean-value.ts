/**
 * Invisible characters that often get pasted along with a value: zero-width characters, bidi marks, a BOM and so on.
 */
const INVISIBLE = /[\p{Default_Ignorable_Code_Point}\ufff9-\ufffb\u2800]/u;
const EDGE =
  /^[\s\p{Default_Ignorable_Code_Point}\ufff9-\ufffb\u2800]+|[\s\p{Default_Ignorable_Code_Point}\ufff9-\ufffb\u2800]+$/gu;

/** Pairs of quotes that a shell, a YAML file or a word processor puts around a value. */
const QUOTES: readonly (readonly [string, string])[] = [
  ['"', '"'],
  ["'", "'"],
  ['`', '`'],
  ['“', '”'],
  ['‘', '’'],
];

/** Quotation marks of any language, accents and primes typed instead of quotes, and HTML entities for quotes. */
const QUOTE = /["'`´\p{Pi}\p{Pf}‚„′″‴‵‶‷〝〞〟＂＇｀]|&(?:quot|apos|#0*3[49]|#x2[27]);/iu;
const QUOTE_AT_AN_END = new RegExp(`^(?:${QUOTE.source})|(?:${QUOTE.source})$`, 'iu');

/**
 * A placeholder that no template engine has filled in: `${NAME}`, `$(name)`, `{{ name }}`, `<name>`, `%NAME%`, `$NAME`.
 */
const PLACEHOLDER = /^(?:\$\{.*\}|\$\(.*\)|\{\{.*\}\}|<[^<>]*>|%\w+%|\$[A-Z_][A-Z0-9_]*)$/;

/** Reasons to reject a trimmed value. Only the first one that matches is reported. */
const FAULTS: readonly (readonly [RegExp, string])[] = [
  [/[\r\n]/, 'holds a line break'],
  // Must come before the row about spaces, because `\s` also matches U+2028 and U+2029.
  [/[\p{Cc}\u2028\u2029]/u, 'holds a control character'],
  [INVISIBLE, 'holds an invisible character'],
  [/[^\S ]/, 'holds a space that is no plain space'],
  [QUOTE_AT_AN_END, 'begins or ends with a quote'],
  [/\\[rn]$/, 'ends with an escaped line break'],
  [PLACEHOLDER, 'is a placeholder that was not filled in'],
];

/**
 * Trims spaces, line breaks and invisible characters from both ends of a value, then removes one pair of quotes around
 * it.
 */
export function trimValue(value: string): string {
  const trimmed = value.replace(EDGE, '');
  const pair = QUOTES.find(
    ([open, close]) => trimmed.length > 1 && trimmed.startsWith(open) && trimmed.endsWith(close),
  );
  return pair === undefined ? trimmed : trimmed.slice(1, -1).replace(EDGE, '');
}

/**
 * Checks that a trimmed value is usable.
 *
 * @param name the variable's name, needed because people often paste a whole `NAME=value` line from a file
 * @returns what is wrong, without revealing the value; `undefined` for a usable value
 */
export function faultOf(name: string, value: string): string | undefined {
  if (new RegExp(`^(?:export\\s+|set\\s+|\\$env:)?${name}\\s*[=:]`, 'i').test(value))
    return 'begins with its own name';
  return FAULTS.find(([pattern]) => pattern.test(value))?.[1];
}

/**
 * Removes invisible characters anywhere in a value, not just around it. Use this for PEM only: PEM never contains such
 * characters on purpose, so removing them can't change the key.
 */
export function removeInvisible(value: string): string {
  return value.replaceAll(new RegExp(INVISIBLE, 'gu'), '');
}
