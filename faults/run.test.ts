import { describe, expect, it } from 'vitest';
import type { Fault, Finding } from './fault';
import { allHeld, choose, faultTable, runFaults } from './run';

const finding: Finding = { injected: 'a | cut', mustHold: 'nothing lost', observed: '3 of 3', held: true };
const observing = (...findings: Finding[]): Fault => ({ title: 'a fault', run: async () => findings });
const options = { quick: true, minutes: 1, say: () => {} };
const run = (fault: Fault) => runFaults({ F1: fault }, ['F1'], options);

describe('the result of a run', () => {
  it('is a success only if every guarantee of every fault held', async () => {
    expect(allHeld(await run(observing(finding, finding)))).toBe(true);
    expect(allHeld(await run(observing(finding, { ...finding, held: false })))).toBe(false);
  });

  it('is a failure if a fault throws, observes nothing, or was never run', async () => {
    const broken: Fault = { title: 'broken', run: () => Promise.reject(new Error('no GitHub')) };
    const outcomes = await run(broken);
    expect(allHeld(outcomes)).toBe(false);
    expect(faultTable(outcomes)).toContain('no GitHub');
    expect(allHeld(await run(observing()))).toBe(false);
    expect(allHeld([])).toBe(false);
  });
});

it('writes one row for each finding, and a cell cannot break the table', async () => {
  const text = faultTable(await run(observing(finding, { ...finding, observed: 'two\nlines', held: false })));
  const [head, , first, second] = text.split('\n');
  expect(head).toMatch(/^\| fault +\| injected +\| must hold +\| observed +\| held +\|$/);
  expect(first).toMatch(/^\| F1 +\| a \\\| cut +\| nothing lost +\| 3 of 3 +\| yes +\|$/);
  expect(second).toMatch(/\| two lines +\| \*\*no\*\* +\|$/);
});

describe('the choice of faults', () => {
  const known = ['F1', 'F2', 'F3'];

  it('takes every fault by default, and otherwise the named ones in their usual order', () => {
    expect(choose(known, undefined)).toEqual(known);
    expect(choose(known, ['f3,F1', 'F3'])).toEqual(['F1', 'F3']);
  });

  it('is refused if a name is unknown or empty, instead of running nothing', () => {
    for (const given of [['F13'], ['F1,'], ['']]) expect(() => choose(known, given)).toThrow(/No fault/);
  });
});
