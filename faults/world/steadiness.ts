/** Judges whether a process under steady load keeps to what it had. A leak of any kind shows in one of the series. */
import { floorGrowth, growth } from './process-use';

/** One value per sample. */
export interface Samples {
  rss: number[];
  heap: number[];
  sockets: number[];
  backends: number[];
  redisBytes: number[];
  /** Rows of all tables that do not grow with use. */
  rows: number[];
}

const MOST_GROWTH = 1.1;
/** Idle connections come and go, and so do rows such as attempts to connect. A handful more is no leak. */
const FEW = 5;

/** Rises from the second third to the last one, each beyond its limit. */
export function leaksIn(samples: Samples): string[] {
  const { rss, heap, redisBytes, sockets, backends, rows } = samples;
  const ratios = { RSS: growth(rss), 'the floor of the heap': floorGrowth(heap), Redis: growth(redisBytes) };
  const counts = { sockets: more(sockets), 'database connections': more(backends), rows: more(rows) };
  return [
    ...Object.entries(ratios).filter(([, ratio]) => !(ratio <= MOST_GROWTH)),
    ...Object.entries(counts).filter(([, count]) => !(count <= FEW)),
  ].map(([name]) => name);
}

/** Describes the samples in one line. */
export function described({ rss, heap, sockets, backends, redisBytes, rows }: Samples): string {
  const ratio = (value: number) => `${value.toFixed(2)} ×`;
  return [
    `RSS ${rss.at(-1)?.toFixed(0)} MiB, ${ratio(growth(rss))}`,
    `heap ${Math.min(...heap).toFixed(0)} MiB at least, ${ratio(floorGrowth(heap))}`,
    `sockets ${range(sockets)}`,
    `database connections ${range(backends)}`,
    `memory of Redis ${ratio(growth(redisBytes))}`,
    `rows of tables that keep their size ${range(rows)}`,
  ].join('; ');
}

function lastThird(values: readonly number[]): number[] {
  return values.slice(-Math.floor(values.length / 3));
}

function range(values: readonly number[]): string {
  return `${Math.min(...lastThird(values))} to ${Math.max(...lastThird(values))}`;
}

/** Returns how much higher the series is in the last third than in the second. */
function more(values: readonly number[]): number {
  const third = Math.floor(values.length / 3);
  return Math.max(...values.slice(-third)) - Math.max(...values.slice(third, 2 * third));
}
