/** Invisible characters that are often pasted along with a value: zero-width, bidirectional, BOM and so on. */
const INVISIBLE = /[\p{Default_Ignorable_Code_Point}\ufff9-\ufffb\u2800]/u;
const EDGE =
  /^[\s\p{Default_Ignorable_Code_Point}\ufff9-\ufffb\u2800]+|[\s\p{Default_Ignorable_Code_Point}\ufff9-\ufffb\u2800]+$/gu;

/** Pairs that a shell, a YAML file or a word processor puts around a value. */
const QUOTES: readonly (readonly [string, string])[] = [
  ['"', '"'],
  ["'", "'"],
  ['`', '`'],
  ['“', '”'],
  ['‘', '’'],
];

/** Quotes in any language, accents and primes typed as quotes, and HTML entities for quotes. */
const QUOTE = /["'`´\p{Pi}\p{Pf}‚„′″‴‵‶‷〝〞〟＂＇｀]|&(?:quot|apos|#0*3[49]|#x2[27]);/iu;
const QUOTE_AT_AN_END = new RegExp(`^(?:${QUOTE.source})|(?:${QUOTE.source})$`, 'iu');

/**
 * A placeholder left unreplaced by a template engine: `${NAME}`, `$(name)`, `{{ name }}`, `<name>`, `%NAME%`, `$NAME`.
 */
const PLACEHOLDER = /^(?:\$\{.*\}|\$\(.*\)|\{\{.*\}\}|<[^<>]*>|%\w+%|\$[A-Z_][A-Z0-9_]*)$/;

/** Reasons to reject a trimmed value. The first matching row is reported. */
const FAULTS: readonly (readonly [RegExp, string])[] = [
  [/[\r\n]/, 'holds a line break'],
  // Tested before the row about spaces, because `\s` also matches U+2028 and U+2029.
  [/[\p{Cc}\u2028\u2029]/u, 'holds a control character'],
  [INVISIBLE, 'holds an invisible character'],
  [/[^\S ]/, 'holds a space that is no plain space'],
  [QUOTE_AT_AN_END, 'begins or ends with a quote'],
  [/\\[rn]$/, 'ends with an escaped line break'],
  [PLACEHOLDER, 'is a placeholder that was not filled in'],
];

/** Removes spaces, line breaks and invisible characters around a value, and then one pair of quotes. */
export function trimValue(value: string): string {
  const trimmed = value.replace(EDGE, '');
  const pair = QUOTES.find(
    ([open, close]) => trimmed.length > 1 && trimmed.startsWith(open) && trimmed.endsWith(close),
  );
  return pair === undefined ? trimmed : trimmed.slice(1, -1).replace(EDGE, '');
}

/**
 * Checks whether a trimmed value is usable.
 *
 * @param name the variable's name, because people often paste a whole line from a file as the value
 * @returns what is wrong, without the value itself; `undefined` for a usable value
 */
export function faultOf(name: string, value: string): string | undefined {
  if (new RegExp(`^(?:export\\s+|set\\s+|\\$env:)?${name}\\s*[=:]`, 'i').test(value))
    return 'begins with its own name';
  return FAULTS.find(([pattern]) => pattern.test(value))?.[1];
}

/**
 * Removes invisible characters anywhere in a value. Use it for PEM only, because PEM never contains such characters on
 * purpose.
 */
export function removeInvisible(value: string): string {
  return value.replaceAll(new RegExp(INVISIBLE, 'gu'), '');
}
