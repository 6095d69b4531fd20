/** The paths whose files `local/lint/reading-paths.ts` counts, and how many files each may have. */

/**
 * Files shared by every path. Nobody opens them to follow one particular path, so they are counted separately.
 *
 * An entry that ends in `/` names a folder.
 */
export const GROUND: readonly { entry: string; why: string }[] = [
  { entry: 'lib/actor.ts', why: 'types of callers' },
  { entry: 'lib/async.ts', why: 'deadline, circuit and bulkhead, each known by its name' },
  { entry: 'lib/config.ts', why: 'the parsed environment' },
  { entry: 'lib/problem.ts', why: 'the one table of errors' },
  { entry: 'lib/observability/', why: 'log lines and metrics' },
  { entry: 'lib/db/client.ts', why: 'Prisma’s client and its transactions' },
  { entry: 'lib/db/pool.ts', why: 'the connections of `pg`' },
  { entry: 'lib/github/connections.ts', why: 'the connections to GitHub' },
  { entry: 'lib/db/sql.ts', why: 'how a statement is built and sent' },
];

type PathLimit = {
  /** The file in which the path begins. If nothing in this file ran, the recording has failed. */
  begins: string;
  /** The highest allowed number of files, not counting `GROUND`. Lower it whenever a change leaves fewer files. */
  limit: number;
};

export const PATHS = {
  mint: { begins: 'app/api/v1/internal/github/token/route.ts', limit: 16 },
  callback: { begins: 'app/api/github/callback/route.ts', limit: 20 },
  'first sync': { begins: 'lib/sync/sync.ts', limit: 13 },
  removal: { begins: 'app/api/github/webhooks/route.ts', limit: 10 },
} as const satisfies Record<string, PathLimit>;

export type PathName = keyof typeof PATHS;

const isGround = (file: string) =>
  GROUND.some(({ entry }) => (entry.endsWith('/') ? file.startsWith(entry) : file === entry));

/**
 * Compares the number of files in which a function ran with the limit.
 *
 * @returns a line to print, and `fault` if there are too many files or the recording failed
 */
export function judge(
  name: PathName,
  ran: readonly string[],
  { begins, limit }: PathLimit = PATHS[name],
): { line: string; fault: string | undefined } {
  const ground = ran.filter(isGround).length;
  const files = ran.length - ground;
  const line = `${name} ${files} files, and ${ground} of the ground (limit ${limit})`;
  if (!ran.includes(begins)) return { line, fault: `${name}: ${begins} did not run, so nothing was counted` };
  const fault = files > limit ? `${name}: ${files} files, ${files - limit} more than its limit` : undefined;
  return { line, fault };
}
