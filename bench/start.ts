/** Measures the figure U3: the time from starting the server process until it's ready, beside an empty Next app. */

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { ensureBuild } from '../local/app/build';
import { startAppServer } from '../local/app/server';
import { startServices } from '../local/services';
import { ratioReport } from './beside';
import { cpuTime } from './cpu-time';
import { buildEmptyApp, READY_POLL_MS } from './empty-app';
import { type BenchOptions, median, type Report } from './report';

const START_RATIO = 1.3;

type Start = { readyMs: number; cpuMs: number };
type Server = { pid: number; stop(): Promise<void> };

export async function measureStart({ quick, say }: BenchOptions): Promise<Report> {
  await ensureBuild({ quiet: true });
  say('building an empty app…');
  const empty = await buildEmptyApp();
  const services = await startServices({ port: 3700 });
  const rounds: { ours: Start; empty: Start; load: Start }[] = [];
  try {
    const startOurs = () => startAppServer({ mode: 'start', env: services.env, pollMs: READY_POLL_MS });
    const count = quick ? 1 : 7;
    for (let round = 0; round < count; round += 1) {
      const first = round % 2 === 0 ? await measure(startOurs) : undefined;
      const beside = await measure(empty.start);
      const ours = first ?? (await measure(startOurs));
      rounds.push({ ours, empty: beside, load: await loadBuild(services.env) });
      say(`ready after ${Math.round(ours.readyMs)} ms beside ${Math.round(beside.readyMs)} ms`);
    }
  } finally {
    await services.close();
    await empty.remove();
  }
  const of = (what: string, key: keyof Start) => {
    const middle = (side: 'ours' | 'empty') => Math.round(median(rounds.map((round) => round[side][key])));
    return {
      what,
      ratios: rounds.map(({ ours, empty }) => ours[key] / empty[key]),
      floor: rounds.map(({ empty, load }) => 1 + load[key] / empty[key]),
      absolute: `${middle('ours')} ms beside ${middle('empty')} ms`,
    };
  };
  return ratioReport(
    [
      { ...of('U3 server start to ready beside an empty Next app', 'readyMs'), reach: { most: START_RATIO } },
      of('U3 the same, processor time', 'cpuMs'),
    ],
    [
      `from the spawn of \`next start\` until the first 200, asked every ${READY_POLL_MS} ms. Ours answers at /api/health/ready: PostgreSQL, Redis and key checked, GitHub asked who we are. The empty app has one page of one word, built by the same Next in a temporary folder`,
      'the floor: the empty app’s start, and the time to load the code that ours needs until then, in a process that does nothing else: the start itself, mints, deliveries and readiness. The code of pages and other routes is loaded after the first response, and is in neither figure',
    ],
  );
}

/** Loads what a start needs of the production build, in a process that serves nothing. */
async function loadBuild(env: Record<string, string>): Promise<Start> {
  const { stdout } = await promisify(execFile)(process.execPath, ['bench/load-build.mjs'], {
    env: { ...process.env, ...env, NODE_ENV: 'production' },
  });
  return JSON.parse(stdout);
}

async function measure(start: () => Promise<Server>): Promise<Start> {
  const started = performance.now();
  const server = await start();
  const readyMs = performance.now() - started;
  const cpuMs = await cpuTime(server.pid);
  await server.stop();
  return { readyMs, cpuMs };
}
