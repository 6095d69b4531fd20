import { readServerFacts } from '../db/server-facts';
import { type Check, type Facts, fail, ok, warn } from './check';

/** GitHub rejects a JWT whose `iat` is in the future. Ours is 60 seconds in the past. */
const MOST_OFFSET_SECONDS = 60;
/** A `Date` header has no fractions, and the answer is under way for a while. */
const NOTICED_OFFSET_SECONDS = 10;
const ADVICE = 'Synchronize the clocks of this machine and of the database server (NTP).';

/** Compares our clock with GitHub's and the database's. */
export const CLOCK_CHECKS: readonly Check[] = [
  { id: 'clock-github', needs: ['app-key'], find: findGitHubClock },
  { id: 'clock-database', isCheap: true, needs: ['database'], find: findDatabaseClock },
];

async function findGitHubClock({ app }: Facts) {
  const { githubTime, ourTime } = await app();
  if (githubTime === undefined)
    return warn(
      'Not checked: GitHub’s answer has no readable date.',
      'Compare this machine’s clock by hand.',
    );
  return compareClocks('GitHub’s', githubTime, ourTime);
}

async function findDatabaseClock() {
  const { databaseTime, ourTime } = await readServerFacts();
  return compareClocks('the database’s', databaseTime, ourTime);
}

/** Compares our clock with another one. */
export function compareClocks(whose: string, theirs: Date, ours: Date) {
  const seconds = Math.round((ours.getTime() - theirs.getTime()) / 1000);
  const found = `Our clock is ${Math.abs(seconds)} s ${seconds < 0 ? 'behind' : 'ahead of'} ${whose}.`;
  if (Math.abs(seconds) > MOST_OFFSET_SECONDS) return fail(found, ADVICE);
  if (Math.abs(seconds) > NOTICED_OFFSET_SECONDS) return warn(found, ADVICE);
  return ok(`Our clock and ${whose} agree.`);
}
