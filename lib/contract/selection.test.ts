import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { MAX_SELECTED, SelectedIds } from './selection';

const [one, two] = [randomUUID(), randomUUID()];

it.each<[unknown, string[]]>([
  [undefined, []],
  [one, [one]],
  [
    [one, two, one],
    [one, two],
  ],
  [[one.toUpperCase(), one], [one]],
  [['', 'x', null, 7, {}, [two], one], [one]],
])('reads %j as ids, each once', (sent, expected) => {
  expect(SelectedIds.parse(sent)).toEqual(expected);
});

it('refuses more rows than an action takes, but not repetitions', () => {
  const ids = Array.from({ length: MAX_SELECTED }, () => randomUUID());
  expect(SelectedIds.parse([...ids, ...ids])).toEqual(ids);
  expect(SelectedIds.safeParse([...ids, randomUUID()]).success).toBe(false);
});
