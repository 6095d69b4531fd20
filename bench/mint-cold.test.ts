import { expect, test } from 'vitest';
import type { Measured } from './beside';
import { describeCold } from './mint-cold';

const found = (cpuMs: number, count: number): Measured => ({
  perSecond: 100,
  cpuMs,
  latencies: Array(count).fill(1),
  statuses: {},
});
const cold = (second: number) => ({
  firstMs: 50,
  warmMs: 5,
  windows: [
    { from: 0, until: 2, found: found(6, 100) },
    { from: 2, until: 5, found: found(second, 100) },
  ],
});

test('puts each figure of a cold server beside the same of a warm one', () => {
  const { ratios } = describeCold(cold(2.2), 2);
  expect(ratios.map(({ what, ratios: [ratio] }) => [what, ratio?.toFixed(2)])).toEqual([
    ['cold: the first mint, latency', '10.00'],
    ['cold: seconds 0 to 2, processor time', '3.00'],
    ['cold: seconds 2 to 5, processor time', '1.10'],
  ]);
});

test('says from when on the server was warm, and what it cost until then', () => {
  const { note } = describeCold(cold(2.2), 2);
  expect(note).toContain('200 mints in 5 s');
  expect(note).toContain('0.4 s of processor time more');
  expect(note).toContain('warm from second 2 on');
});

test('says that the server was not warm yet', () => {
  expect(describeCold(cold(3), 2).note).toContain('not warm by then');
});
