import type { z } from 'zod';
import { Problem } from './problem';

/** How a list writes its `cursor`: where a page ends, as text that means nothing to a caller. */
export function cursorOf<T extends z.ZodType>(place: T) {
  return {
    encode: (value: z.input<T>): string => Buffer.from(JSON.stringify(value)).toString('base64url'),
    /** @throws {Problem} `invalid_request` for one that is not ours */
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
