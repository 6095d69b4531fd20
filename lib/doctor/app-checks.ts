import { getConfig } from '../config';
import { GitHubError } from '../github/errors';
import { listPendingAccounts } from '../github/registration';
import { probeClientSecret } from '../github/user-oauth';
import { type Check, type Facts, fail, ok, PERMISSIONS, showPermissions, warn } from './check';
import { refusedByGitHub } from './operator-steps';

const EVENT = 'repository';

/** Checks of the App's registration and credentials, by GitHub's answers to them. */
export const APP_CHECKS: readonly Check[] = [
  { id: 'app-key', find: findKey },
  { id: 'app-id', needs: ['app-key'], find: findId },
  { id: 'app-client-id', needs: ['app-key'], find: findClientId },
  { id: 'app-slug', needs: ['app-key'], find: findSlug },
  { id: 'app-permissions', needs: ['app-key'], find: findPermissions },
  { id: 'app-accounts', needs: ['app-permissions'], find: findPendingAccounts },
  { id: 'app-events', needs: ['app-key'], find: findEvents },
  { id: 'app-client-secret', find: findClientSecret },
];

async function findKey({ app }: Facts) {
  await app();
  return ok('GitHub accepts the App’s key.');
}

async function findId({ app }: Facts) {
  const { id } = await app();
  const { appId } = getConfig().github;
  if (id === appId) return ok(`The key belongs to the App ${appId}.`);
  return fail(
    `The key belongs to the App ${id}, and GITHUB_APP_ID is ${appId}.`,
    'Take id, client id, slug, secrets and key from the settings of one App.',
  );
}

const isSame = (one: string, other: string) => one.toLowerCase() === other.toLowerCase();

async function findClientId({ app }: Facts) {
  const { clientId: theirs } = await app();
  const { clientId: ours } = getConfig().github;
  if (theirs === undefined)
    return warn('Not checked: this GitHub does not return client ids.', 'Compare it in the App’s settings.');
  if (isSame(theirs, ours)) return ok(`The client id is ${theirs}.`);
  return fail(
    `The App’s client id is ${theirs}, and GITHUB_APP_CLIENT_ID is ${ours}.`,
    `Set GITHUB_APP_CLIENT_ID to ${theirs}, and check that the client secret is of the same App.`,
  );
}

async function findSlug({ app }: Facts) {
  const { slug: theirs } = await app();
  const { appSlug: ours } = getConfig().github;
  if (theirs === undefined)
    return warn('Not checked: this GitHub does not return slugs.', 'Compare it in the App’s settings.');
  if (isSame(theirs, ours)) return ok(`The slug is ${theirs}.`);
  return fail(
    `The App’s slug is ${theirs}, and GITHUB_APP_SLUG is ${ours}.`,
    `Set GITHUB_APP_SLUG to ${theirs}. Renaming an App changes its slug.`,
  );
}

async function findPermissions({ app }: Facts) {
  const { permissions } = await app();
  const excess = Object.keys(permissions).filter((name) => permissions[name] !== PERMISSIONS[name]);
  if (excess.length > 0)
    return fail(
      `The App may do more than it needs: ${showPermissions(excess, permissions)}.`,
      'In the App’s settings, leave Contents: read-only and Metadata: read-only, and remove every other permission.',
    );
  const missing = Object.keys(PERMISSIONS).filter((name) => permissions[name] === undefined);
  if (missing.length > 0)
    return fail(
      `The App lacks ${showPermissions(missing, PERMISSIONS)}.`,
      'Add it in the App’s settings. Each account that installed the App then has to accept it.',
    );
  return ok(`The App has ${showPermissions(Object.keys(PERMISSIONS), PERMISSIONS)}, and nothing else.`);
}

/** With more names, the line would be hard to read. */
const MOST_NAMES = 5;

async function findPendingAccounts() {
  const pending = await listPendingAccounts(Object.keys(PERMISSIONS));
  if (pending.length === 0) return ok('Every account that installed the App has granted its permissions.');
  const more = pending.length > MOST_NAMES ? ` and ${pending.length - MOST_NAMES} more` : '';
  return warn(
    `Permissions are pending at ${pending.slice(0, MOST_NAMES).join(', ')}${more}. Their mints fail.`,
    'An owner of each account accepts them, in the settings of the App on GitHub.',
  );
}

async function findEvents({ app }: Facts) {
  const { events } = await app();
  if (!events.includes(EVENT))
    return fail(
      'The App is not subscribed to the event Repository, so renames and transfers arrive late.',
      'In the App’s settings, Permissions & events, select Repository.',
    );
  const others = events.filter((event) => event !== EVENT);
  if (others.length > 0)
    return warn(
      `The App is also subscribed to ${others.join(', ')}, which the app ignores.`,
      'Remove them in the App’s settings, Permissions & events.',
    );
  return ok('The App is subscribed to Repository. Installation events come by themselves.');
}

/**
 * Exchanges a code that GitHub never issued. GitHub checks the client first, so its error shows whether the secret is
 * right.
 */
async function findClientSecret() {
  try {
    await probeClientSecret();
    return ok('GitHub accepts the client secret.');
  } catch (error) {
    if (!(error instanceof GitHubError)) throw error;
    const { found, todo } = refusedByGitHub(error);
    if (error.reason !== 'oauth_client_refused') return fail(found, todo);
    return fail('GITHUB_APP_CLIENT_SECRET is not a secret of this App’s client id.', todo);
  }
}
