import { getConfig } from '../config';
import { query, sql } from '../db/sql';
import { type Check, type Facts, ok, warn } from './check';

/**
 * Checks the URLs to which GitHub sends users. GitHub's API does not show them, so the proof is a user who came back:
 * each step writes to its connect attempt.
 */
export const USER_URL_CHECKS: readonly Check[] = [
  {
    id: 'app-setup-url',
    isCheap: true,
    needs: ['database-migrations'],
    find: (facts) => findUrl(facts, 'setup', 'the Setup URL'),
  },
  {
    id: 'app-callback-url',
    isCheap: true,
    needs: ['database-migrations'],
    find: (facts) => findUrl(facts, 'callback', 'a callback URL'),
  },
];

type Row = { setup: Date | null; callback: Date | null };

/** Attempts are deleted after `RETENTION_CONNECT_ATTEMPTS_DAYS`. */
const LAST_RETURNS = sql<Row>`
  SELECT max(created_at) FILTER (WHERE candidate_installation_id IS NOT NULL) AS setup, max(consumed_at) AS callback
  FROM connect_attempts`;

async function findUrl({ app }: Facts, step: keyof Row, name: string) {
  const [row] = await query('work', LAST_RETURNS);
  const last = row?.[step];
  if (last) return ok(`A user came back to ${name}, last at ${last.toISOString()}.`);
  const { publicUrl, github, retentionDays } = getConfig();
  return warn(
    `Nobody has come back to ${name} in the last ${retentionDays.connect_attempts} days, and GitHub’s API does not show it.`,
    `Open ${await settingsPage(app, github)} and make sure that ${name} is ${publicUrl}/api/github/${step}.`,
  );
}

/** Returns the App's settings page, or its description if GitHub does not name the owner. */
async function settingsPage(app: Facts['app'], { webUrl, appSlug }: { webUrl: string; appSlug: string }) {
  const owner = await app().then(
    (found) => found.owner,
    () => undefined,
  );
  if (owner === undefined) return 'the App’s settings on GitHub';
  const of = owner.isOrganization ? `/organizations/${owner.login}` : '';
  return `${webUrl}${of}/settings/apps/${appSlug}`;
}
