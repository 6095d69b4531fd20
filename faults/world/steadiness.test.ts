import { expect, it } from 'vitest';
import { described, leaksIn, type Samples } from './steadiness';

/** Samples of a process that leaks nothing: garbage comes and goes. */
const steady = (): Samples => {
  const series = (level: number, noise: number) =>
    Array.from({ length: 120 }, (_, n) => level + (n % 7) * noise);
  return {
    rss: series(300, 4),
    heap: series(80, 10),
    sockets: series(40, 1),
    backends: series(20, 0),
    redisBytes: series(1_000_000, 1000),
    rows: series(50, 1),
  };
};

it('finds no leak in a process whose garbage comes and goes', () => {
  expect(leaksIn(steady())).toEqual([]);
  expect(described(steady())).toContain('rows of tables that keep their size 50 to 56');
});

it.each<[keyof Samples, number, string]>([
  ['rss', 2, 'RSS'],
  ['heap', 2, 'the floor of the heap'],
  ['redisBytes', 10_000, 'Redis'],
  ['sockets', 0.5, 'sockets'],
  ['backends', 0.5, 'database connections'],
  ['rows', 0.5, 'rows'],
])('finds a leak that adds to %s with each sample', (name, each, found) => {
  const samples = steady();
  samples[name] = samples[name].map((value, n) => value + n * each);
  expect(leaksIn(samples)).toEqual([found]);
});

it('takes a series without values for a leak', () => {
  expect(leaksIn({ ...steady(), heap: Array(120).fill(Number.NaN) })).toEqual(['the floor of the heap']);
});
