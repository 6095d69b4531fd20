import { expect, it } from 'vitest';
import { brokenBench } from './broken';

const report = (rows: string[][]) => ({ columns: ['figure', 'found'], rows, missed: [] });

it('accepts a report with a row for each target, even if a target is missed', () => {
  const rows = [
    ['P1 median', '9.00×'],
    ['P2 processor time', '2.00×'],
  ];
  expect(brokenBench({ ...report(rows), missed: ['P1'] }, ['P1', 'P2'])).toBeNull();
});

it('accepts targets that have a column', () => {
  expect(
    brokenBench({ columns: ['page', 'U1 kB'], rows: [['sign-in', '1']], missed: [] }, ['U1']),
  ).toBeNull();
});

it('names a target without a row', () => {
  expect(brokenBench(report([['P1 median', '1.00×']]), ['P1', 'P2'])).toBe('no figure for P2');
});

it('names a row without a value', () => {
  expect(brokenBench(report([['P1 median', 'NaN×']]), ['P1'])).toBe('no value for P1 median');
});
