import { expect, it } from 'vitest';
import { busyShare, describeBusy } from './other-work';

it('computes the share of time that all cores worked between two readings', () => {
  expect(busyShare({ busy: 1000, idle: 9000 }, { busy: 4000, idle: 12_000 })).toBe(0.5);
  expect(busyShare({ busy: 1000, idle: 9000 }, { busy: 1000, idle: 15_000 })).toBe(0);
});

it('finds no work if the clock of the cores stood still', () => {
  expect(busyShare({ busy: 1000, idle: 9000 }, { busy: 1000, idle: 9000 })).toBe(0);
});

it('rejects a machine of which more than a tenth is busy', () => {
  expect(describeBusy(0.1)).toBeUndefined();
  expect(describeBusy(0.34)).toContain('34 %');
});
