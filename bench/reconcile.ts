/** Measures the figure S6: what a reconcile pass with nothing to do asks GitHub and the database. */
import { ms } from './beside';
import { type Pass, startReconcileWorld } from './reconcile-world';
import { type BenchOptions, judge, median, type Report, spread } from './report';

const COUNTS = [1_000, 10_000];
/** More than one page each, because GitHub returns no `Link` header for a single one. */
const CHECK_COUNTS = [200, 400];
const PER_PAGE = 100;
const LIST = 'GET /app/installations';
const DELIVERIES = 'GET /app/hook/deliveries';

export async function measureReconcile({ quick, check, say }: BenchOptions): Promise<Report> {
  const rounds = check ? 1 : quick ? 2 : 5;
  const world = await startReconcileWorld();
  const rows: string[][] = [];
  const missed: string[] = [];
  try {
    for (const count of check ? CHECK_COUNTS : COUNTS) {
      say(`connecting ${count} workspaces…`);
      await world.growTo(count);
      // The first pass also opens connections and fills caches.
      await world.pass();
      const passes: Pass[] = [];
      for (let round = 0; round < rounds; round += 1) passes.push(await world.pass());
      const figures = figuresOf(count, passes);
      rows.push(...figures.rows);
      missed.push(...figures.missed);
    }
  } finally {
    await world.close();
  }
  return {
    columns: ['figure', 'median', 'spread', 'reach', 'floor', 'reached'],
    rows,
    missed,
    notes: [
      `S6: one pass by POST /api/internal/reconcile; every installation equals GitHub's list, and each was synced a minute before`,
      `S6: the floor of other calls is one page of ${DELIVERIES}. Nothing else tells of a delivery that never arrived, and after one pass its change has to be found (F5)`,
    ],
  };
}

function figuresOf(count: number, passes: Pass[]): { rows: string[][]; missed: string[] } {
  const missed: string[] = [];
  const whole = (value: number) => value.toFixed(0);
  const row = (
    what: string,
    values: number[],
    write: (value: number) => string,
    most?: number,
    floor?: number,
  ) => {
    const name = `S6 ${what}, ${count} installations`;
    const judged =
      most === undefined
        ? undefined
        : judge(name, values, { most }, write, floor === undefined ? undefined : [floor]);
    if (judged?.missed !== undefined) missed.push(judged.missed);
    return [
      name,
      write(median(values)),
      spread(values, write),
      judged?.target ?? '',
      judged?.floor ?? '',
      judged?.reached ?? '',
    ];
  };
  const calls = (of: (route: string) => boolean) =>
    passes.map((pass) =>
      Object.entries(pass.calls).reduce((sum, [route, number]) => sum + (of(route) ? number : 0), 0),
    );
  const rows = [
    row(
      `calls of ${LIST}`,
      calls((route) => route === LIST),
      whole,
      count / PER_PAGE,
    ),
    row(
      'other calls to GitHub',
      calls((route) => route !== LIST),
      whole,
      0,
      1,
    ),
    row(
      'statements',
      passes.map(({ statements }) => statements),
      whole,
    ),
    row(
      'time in the database',
      passes.map((pass) => pass.ms),
      ms,
    ),
    row(
      'time of the pass',
      passes.map(({ time }) => time),
      ms,
    ),
  ];
  return { rows, missed };
}
