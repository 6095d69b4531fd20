/** What templates write in the place of a secret. */
const PLACEHOLDER =
  /change.?(?:me|this)|replace.?(?:me|this|with)|your.?(?:secret|token|key)|placeholder|<[^>]*>/i;

/** The longest word whose repetition counts as one. */
const LONGEST_WORD = 16;

/** Of the steps from one character to the next, so many are alike in a row of the keyboard or the alphabet. */
const EVEN_SHARE = 0.75;

/**
 * Tells a secret that somebody typed from one that was drawn: a word over and over, a row such as `12345…` or
 * `abcdef…`, or the placeholder of a template. A random secret of 16 characters is none of these.
 */
export function isGuessable(secret: string): boolean {
  return isRepeated(secret) || isRow(secret) || PLACEHOLDER.test(secret);
}

function isRepeated(secret: string): boolean {
  const longest = Math.min(LONGEST_WORD, Math.floor(secret.length / 2));
  for (let length = 1; length <= longest; length++)
    if (secret.slice(length) === secret.slice(0, -length)) return true;
  return false;
}

function isRow(secret: string): boolean {
  const steps = new Map<number, number>();
  for (let i = 1; i < secret.length; i++) {
    const step = secret.charCodeAt(i) - secret.charCodeAt(i - 1);
    steps.set(step, (steps.get(step) ?? 0) + 1);
  }
  return secret.length > 2 && Math.max(...steps.values()) >= EVEN_SHARE * (secret.length - 1);
}
