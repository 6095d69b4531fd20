/** What an operator does to set a bench up: the CLI, and SQL as the owner of the tables. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
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
