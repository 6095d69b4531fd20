import { encode } from 'next-auth/jwt';
import { HttpBrowser } from './http-browser';

export interface ConnectAccount {
  appUrl: string;
  /** The app's `NEXTAUTH_SECRET`, to sign in the user. */
  secret: string;
  userId: string;
  slug: string;
  /** The GitHub App's name. */
  appName: string;
  /** The GitHub user who installs the App. */
  login: string;
  account: string;
  repositoryIds: readonly number[];
}

/**
 * Connects an account to a workspace through the real pages of the app and of the local GitHub.
 *
 * @throws if the app doesn't report the account as connected
 */
export async function connectAccount(given: ConnectAccount): Promise<void> {
  const { appUrl, secret, userId, slug, appName, login, account, repositoryIds } = given;
  const browser = new HttpBrowser();
  browser.setCookie(appUrl, 'next-auth.session-token', await encode({ token: { sub: userId }, secret }));
  await browser.open(`${appUrl}/w/${slug}/settings/github`);
  await browser.press('Connect GitHub');
  await browser.press(`Sign in as ${login}`);
  await browser.follow(account);
  await browser.press('Install', { install_target: 'selected', repository_ids: repositoryIds.map(String) });
  // GitHub asks a user only once.
  if (browser.text.includes(`Authorize ${appName}`)) await browser.press(`Authorize ${appName}`);
  const outcome = browser.url.searchParams.get('notice');
  if (outcome !== 'connected') throw new Error(`not connected: ${outcome ?? browser.text.slice(0, 300)}`);
}
