import { redact } from './redact';

/**
 * Characters that JSON doesn't escape but that terminals and log viewers act on: C1 controls, separators, bidi marks.
 */
const OBEYED = /[\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

/** A longer line is shortened to roughly this many characters in total. */
const LONG_LINE_CHARACTERS = 16_384;
/** In a line that has to be shortened, each value is cut to this many characters. */
const LONGEST_VALUE_CHARACTERS = 4_096;
const LONGEST_NAME_CHARACTERS = 200;

/**
 * Makes a finished log line safe to print, by removing credentials and terminal control characters and cutting endless
 * values. The result is still a single line of JSON, with the same meaning.
 *
 * @param line JSON that ends with a line break
 */
export function safeLine(line: string): string {
  const redacted = redact(line);
  const bounded = redacted.length > LONG_LINE_CHARACTERS ? shorten(redacted) : redacted;
  return bounded.replace(
    OBEYED,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function shorten(line: string): string {
  try {
    return `${JSON.stringify(cut(JSON.parse(line), { left: LONG_LINE_CHARACTERS }))}\n`;
  } catch {
    return `${JSON.stringify({ level: 'error', msg: 'a line of the log could not be shortened' })}\n`;
  }
}

/**
 * Cuts a value to fit the budget.
 *
 * @param budget how many characters the rest of the line may take; lists and objects are cut off once the budget is
 *   used up
 */
function cut(value: unknown, budget: { left: number }): unknown {
  // Even an empty value costs one character. Otherwise, a list of empty values would never use up the budget.
  budget.left--;
  if (typeof value === 'string') {
    const most = Math.max(0, Math.min(LONGEST_VALUE_CHARACTERS, budget.left));
    budget.left -= Math.min(value.length, most);
    return value.length <= most ? value : `${value.slice(0, most)}… (${value.length} characters)`;
  }
  const hasRoom = () => budget.left > 0;
  if (Array.isArray(value)) return value.flatMap((item) => (hasRoom() ? [cut(item, budget)] : []));
  if (typeof value !== 'object' || value === null) return value;
  // Process the message first: it's the last field of a line but explains the others, so it must not be lost when the
  // budget runs out.
  const fields = Object.entries(value).sort(([one], [other]) => rank(one) - rank(other));
  return Object.fromEntries(
    fields.flatMap(([whole, item]) => {
      if (!hasRoom()) return [];
      const name = whole.slice(0, LONGEST_NAME_CHARACTERS);
      budget.left -= name.length;
      return [[name, cut(item, budget)] as const];
    }),
  );
}

const FIRST_FIELDS = ['level', 'time', 'source', 'msg'];

function rank(name: string): number {
  const index = FIRST_FIELDS.indexOf(name);
  return index === -1 ? FIRST_FIELDS.length : index;
}
