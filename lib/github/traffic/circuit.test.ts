import { beforeEach, expect, it } from 'vitest';
import { Circuit } from './circuit';

let now = 0;
let changes: boolean[] = [];
let circuit: Circuit;

beforeEach(() => {
  now = 0;
  changes = [];
  circuit = new Circuit(
    { failures: 3, pauseMs: 1000 },
    () => now,
    (open) => changes.push(open),
  );
});

const fail = (times: number) => {
  for (let n = 0; n < times; n++) circuit.failed();
};

it('opens after failures in a row only', () => {
  fail(2);
  circuit.succeeded();
  fail(2);
  expect([circuit.waitMs(), changes]).toEqual([0, []]);
  fail(1);
  expect([circuit.waitMs(), changes]).toEqual([1000, [true]]);
});

it('lets one call through after the pause, and none beside it', () => {
  fail(3);
  now = 999;
  expect(circuit.waitMs()).toBe(1);
  now = 1000;
  expect(circuit.waitMs()).toBe(0);
  circuit.enter();
  expect(circuit.waitMs()).toBeGreaterThan(0);
});

it('closes when that call gets through', () => {
  fail(3);
  now = 1000;
  circuit.enter();
  circuit.succeeded();
  fail(2);
  expect([circuit.waitMs(), changes]).toEqual([0, [true, false]]);
});

it('pauses anew when that call fails, and says so only once', () => {
  fail(3);
  now = 1000;
  circuit.enter();
  fail(1);
  expect([circuit.waitMs(), changes]).toEqual([1000, [true]]);
  now = 2000;
  expect(circuit.waitMs()).toBe(0);
});
