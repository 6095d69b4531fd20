import { expect, test } from 'vitest';
import { inRounds, ratioReport } from './beside';
import type { Target } from './report';

const report = (ratios: number[], reach?: Target, floor?: number[]) =>
  ratioReport(
    [{ what: 'P0 it', ratios, absolute: '', ...(reach && { reach }), ...(floor && { floor }) }],
    [],
  );

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

test('accepts a figure that misses its target if it is within 15 % of its floor', () => {
  expect(report([2.29], { most: 1 }, [9, 2, 1])).toMatchObject({
    missed: [],
    columns: ['figure', 'ratio, median', 'spread', 'reach', 'floor', 'absolute', 'reached'],
    rows: [['P0 it', '2.29×', '2.29×–2.29×', '≤ 1.00×', '2.00×', '', 'at its floor']],
  });
  expect(report([2.31], { most: 1 }, [2]).missed).toEqual([
    'P0 it: 2.31×, reach is ≤ 1.00×, and its floor 2.00×',
  ]);
  expect(report([0.35], { least: 0.5 }, [0.4]).missed).toEqual([]);
  expect(report([0.34], { least: 0.5 }, [0.4]).missed).toHaveLength(1);
});

test('never fails a figure that reaches its target because of its floor', () => {
  expect(report([0.9], { most: 1 }, [0.1]).missed).toEqual([]);
  expect(report([0.9], { least: 0.5 }, [2]).missed).toEqual([]);
});

test('rejects a floor without a measurement', () => {
  expect(report([2], { most: 1 }, []).missed).toHaveLength(1);
  expect(report([0.2], { least: 1 }, []).missed).toHaveLength(1);
});

test('measures every subject in each round, in alternating order', async () => {
  const order: string[] = [];
  const subject = (name: string) => async () => order.push(name);
  const found = await inRounds(2, () => {}, { a: subject('a'), b: subject('b'), c: subject('c') });
  expect(order).toEqual(['a', 'b', 'c', 'c', 'b', 'a']);
  expect(found).toEqual([
    { a: 1, b: 2, c: 3 },
    { c: 4, b: 5, a: 6 },
  ]);
});
