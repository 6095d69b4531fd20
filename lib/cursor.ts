import type { z } from 'zod';
import { Problem } from './problem';

/** Encodes the position where a page of a list ends as an opaque `cursor`, and decodes it again. */
export function cursorOf<T extends z.ZodType>(place: T) {
  return {
    encode: (value: z.input<T>): string => Buffer.from(JSON.stringify(value)).toString('base64url'),
    /** @throws {Problem} `invalid_request` if the text is not a cursor from this list */
    decode(text: string): z.output<T> {
      try {
        return place.parse(JSON.parse(Buffer.from(text, 'base64url').toString('utf8')));
      } catch {
        throw new Problem('invalid_request', 'The cursor is not one of ours.', {
          errors: [{ path: 'cursor', message: 'must be a next_cursor of this list' }],
        });
      }
    },
  };
}
