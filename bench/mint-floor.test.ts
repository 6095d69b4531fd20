import { expect, test } from 'vitest';
import type { Measured } from './beside';
import { floorCpuMs, floorPerSecond } from './mint-floor';

const measured = (perSecond: number, cpuMs: number): Measured => ({
  perSecond,
  cpuMs,
  latencies: [],
  statuses: {},
});
const ROUTE = measured(1000, 1);
/** Two cores that are wholly busy: each response costs the server 1 ms, and the other processes 3 ms. */
const TWO_CORES = { server: measured(500, 1), allCpuMs: 4, alone: { one: 400, other: 600 } };

test('adds the time of the empty route and of each part', () => {
  expect(floorCpuMs(TWO_CORES, ROUTE)).toBe(2);
});

test('divides the time that all processes got by what a response then costs all of them', () => {
  expect(floorPerSecond(TWO_CORES, ROUTE)).toBe(400);
});

test('never expects more from one process than one core gives', () => {
  const fourCores = { ...TWO_CORES, server: measured(1000, 1) };
  expect(floorPerSecond(fourCores, ROUTE)).toBe(500);
});

test('returns NaN if the system reports no processor time, so that no figure stands at this floor', () => {
  expect(floorPerSecond(TWO_CORES, measured(1000, Number.NaN))).toBeNaN();
});
