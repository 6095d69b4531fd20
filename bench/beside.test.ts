import { expect, test } from 'vitest';
import { ratioReport } from './beside';

const report = (ratios: number[], reach?: { most: number } | { least: number }) =>
  ratioReport([{ what: 'P0 it', ratios, absolute: '', ...(reach && { reach }) }], []);

test('decides by the median of the rounds, on either side of the target', () => {
  expect(report([9, 1, 1.1], { most: 1.1 }).missed).toEqual([]);
  expect(report([9, 1, 1.2], { most: 1.1 }).missed).toEqual(['P0 it: 1.20×, reach is ≤ 1.10×']);
  expect(report([0.1, 0.5, 2], { least: 0.5 }).missed).toEqual([]);
  expect(report([0.1, 0.4, 2], { least: 0.5 }).missed).toEqual(['P0 it: 0.40×, reach is ≥ 0.50×']);
});

test('counts a target without a measurement as missed', () => {
  expect(report([], { most: 1 }).missed).toHaveLength(1);
  expect(report([Number.POSITIVE_INFINITY], { most: 1 }).missed).toHaveLength(1);
});

test('prints a figure without a target, and never counts it as missed', () => {
  const { missed, rows } = report([7]);
  expect([missed, rows]).toEqual([[], [['P0 it', '7.00×', '7.00×–7.00×', '', '', '']]]);
});
