import type { z } from 'zod';
import { Problem } from './problem';

/** Converts the end of a page to a list's `cursor`, an opaque text, and back. */
export function cursorOf<T extends z.ZodType>(place: T) {
  return {
    encode: (value: z.input<T>): string => Buffer.from(JSON.stringify(value)).toString('base64url'),
    /** @throws {Problem} `invalid_request` for any other text */
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
