import { describe, expect, it } from 'vitest';
import type { ExportFormat } from '@/lib/contract/audit-event';
import { EventCounter } from './download-export';

function count(format: ExportFormat, text: string, piece: number): number {
  const counter = new EventCounter(format);
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length; at += piece) counter.add(bytes.subarray(at, at + piece));
  return counter.events;
}

describe('EventCounter', () => {
  const PIECES = [1, 2, 3, 7, 1_000_000];

  it.each(PIECES)('counts each line of NDJSON as one event, in chunks of %i bytes', (piece) => {
    const events = [{ a: 'line\nbreak' }, { a: 'a "quote' }, { a: '\u2028 😀' }];
    expect(count('ndjson', events.map((event) => `${JSON.stringify(event)}\n`).join(''), piece)).toBe(3);
  });

  it.each(PIECES)(
    'counts each CSV record as one event, even if it spans several lines, in chunks of %i bytes',
    (piece) => {
      const records = [
        'seq,label',
        '1,plain',
        '2,"two\r\nlines"',
        '3,"say ""hi""\n\n"',
        '4,""',
        '5,"""\n"""',
      ];
      expect(count('csv', records.map((record) => `${record}\r\n`).join(''), piece)).toBe(5);
    },
  );

  it('counts neither an unfinished record nor a lone header', () => {
    expect(count('ndjson', '{"a":1}\n{"a":', 5)).toBe(1);
    expect(count('csv', 'seq,label\r\n', 5)).toBe(0);
    expect(count('csv', 'seq,label\r\n1,"open\n', 5)).toBe(0);
    expect(count('csv', '', 5)).toBe(0);
  });
});
