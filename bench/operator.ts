/** Sets up a bench as an operator would: with the CLI, and with SQL as the database owner role. */
import { execFile } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { promisify } from 'node:util';
import { encode } from 'next-auth/jwt';
import pg from 'pg';

const run = promisify(execFile);

export async function admin(
  env: Record<string, string>,
  args: string[],
): Promise<{ id?: string; key?: string }> {
  const { stdout } = await run(process.execPath, ['--import', 'tsx', 'cli/admin.ts', ...args], {
    env: { ...process.env, ...env },
  });
  return JSON.parse(stdout);
}

export async function withDatabase<T>(url: string, work: (db: pg.Client) => Promise<T>): Promise<T> {
  const db = new pg.Client(url);
  await db.connect();
  try {
    return await work(db);
  } finally {
    await db.end();
  }
}

/**
 * Returns a function that builds headers for a signed-in user's requests. Each call uses a new client address, so the
 * requests never reach the rate limits, which stay on. This works only if the app runs behind one proxy
 * (`TRUSTED_PROXY_HOPS=1`).
 */
export async function headersOf(
  env: Record<string, string>,
  userId: string,
): Promise<() => Record<string, string>> {
  const jwt = await encode({ token: { sub: userId }, secret: env.NEXTAUTH_SECRET ?? '' });
  const address = () => ['10', ...Array.from({ length: 3 }, () => randomInt(1, 255))].join('.');
  return () => ({ authorization: `Bearer ${jwt}`, 'x-forwarded-for': address() });
}

/**
 * Returns the time until the whole response has been read, in milliseconds.
 *
 * @throws if the response isn't a success
 */
export async function timeOf(url: string, init: RequestInit): Promise<number> {
  const started = performance.now();
  const response = await fetch(url, init);
  const text = await response.text();
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${text.slice(0, 300)}`);
  return performance.now() - started;
}

/** Returns the shortest of three times, because other load on the machine can only make a response slower. */
export async function leastTimeOf(url: string, headers: () => Record<string, string>): Promise<number> {
  const times = [];
  for (let n = 0; n < 3; n += 1) times.push(await timeOf(url, { headers: headers() }));
  return Math.min(...times);
}
