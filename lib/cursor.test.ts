import { expect, it } from 'vitest';
import { z } from 'zod';
import { cursorOf } from './cursor';

const Cursor = cursorOf(z.tuple([z.string(), z.int()]));

it('a cursor decodes to its value, and any other text is rejected as bad input', () => {
  expect(Cursor.decode(Cursor.encode(['ö', 7]))).toEqual(['ö', 7]);
  const other = cursorOf(z.tuple([z.int()])).encode([7]);
  for (const text of ['', 'x', '%', '{}', other, Buffer.from('[').toString('base64url')])
    expect(() => Cursor.decode(text)).toThrow(expect.objectContaining({ code: 'invalid_request' }));
});
