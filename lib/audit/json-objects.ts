/** An object that is longer is no entry of a log, or somebody wants our memory. */
const MAX_OBJECT_CHARACTERS = 10_000_000;

/**
 * The objects of a JSON array, or of a text with one object after the other (NDJSON), one at a time: memory does not
 * grow with the file.
 *
 * @throws for anything else, and for a text that is cut off
 */
export async function* readJsonObjects(pieces: AsyncIterable<string>): AsyncGenerator<unknown> {
  let pending = '';
  let depth = 0;
  let inString = false;
  let escaped = false;
  let array: 'none' | 'open' | 'closed' = 'none';
  for await (const piece of pieces) {
    let start = 0;
    for (let at = 0; at < piece.length; at++) {
      const character = piece[at];
      if (depth === 0) {
        if (character === '{' && array !== 'closed') {
          depth = 1;
          start = at;
        } else if (character === '[' && array === 'none') array = 'open';
        else if (character === ']' && array === 'open') array = 'closed';
        else if (character === undefined || !/[\s,]/.test(character))
          throw new Error('not a list of JSON objects');
      } else if (inString) {
        if (escaped) escaped = false;
        else if (character === '\\') escaped = true;
        else if (character === '"') inString = false;
      } else if (character === '"') inString = true;
      else if (character === '{') depth++;
      else if (character === '}' && --depth === 0) {
        yield JSON.parse(pending + piece.slice(start, at + 1));
        pending = '';
      }
    }
    if (depth > 0) pending += piece.slice(start);
    if (pending.length > MAX_OBJECT_CHARACTERS) throw new Error('an object does not end');
  }
  if (depth > 0 || array === 'open') throw new Error('the file is cut off');
}
