import { expect, it } from 'vitest';
import { PackedRows } from './packed-rows';

const ROWS = [
  ['1', '', 'é😀\u0000\n', 'a'],
  ['2', '{"b": [1]}', '\uffff', ''],
];

it('returns the rows exactly as they were added, in their order', () => {
  const packed = new PackedRows(4);
  for (const row of ROWS) packed.add(row);
  expect([...packed.unpack()]).toEqual(ROWS);
  expect(packed.count).toBe(2);
});

it('grows for rows of any size', () => {
  const packed = new PackedRows(2);
  const rows = Array.from({ length: 40 }, (_, n) => [String(n), '€'.repeat(n * n * 100)]);
  for (const row of rows) packed.add(row);
  expect([...packed.unpack()]).toEqual(rows);
});

it('forgets all rows when it is cleared, and takes others', () => {
  const packed = new PackedRows(4);
  for (const row of ROWS) packed.add(row);
  packed.clear();
  expect([packed.count, [...packed.unpack()]]).toEqual([0, []]);
  packed.add(['a', 'b', null, 'd']);
  expect([...packed.unpack()]).toEqual([['a', 'b', '', 'd']]);
});
