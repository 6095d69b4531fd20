import { encode } from 'next-auth/jwt';
import { HttpBrowser } from '../../local/http-browser';
import type { Customer, OwnServer } from './own-server';

/**
 * Connects an organization to the customer's workspace, over the real pages.
 *
 * @param login who installs it at GitHub
 * @param repositories those that are chosen, of the account's
 * @returns the installation's id
 */
export async function connectedCustomer(
  { services }: OwnServer,
  { slug, ownerId }: Customer,
  login: string,
  account: string,
  repositories: readonly string[] = ['api', 'web'],
): Promise<number> {
  const { github, appUrl, env } = services;
  const browser = new HttpBrowser();
  browser.setCookie(
    appUrl,
    'next-auth.session-token',
    await encode({ token: { sub: ownerId }, secret: env.NEXTAUTH_SECRET ?? '' }),
  );
  await browser.open(`${appUrl}/w/${slug}/settings/github`);
  await browser.press('Connect GitHub');
  await browser.press(`Sign in as ${login}`);
  await browser.follow(account);
  const chosen = repositories.map((name) => String(github.state.repositoryByName(`${account}/${name}`)?.id));
  await browser.press('Install', { install_target: 'selected', repository_ids: chosen });
  await browser.press(`Authorize ${github.app.name}`);
  const outcome = browser.url.searchParams.get('outcome');
  if (outcome !== 'connected') throw new Error(`not connected: ${outcome ?? browser.text.slice(0, 300)}`);
  const installation = [...github.state.installations.values()].at(-1);
  if (!installation) throw new Error('no installation');
  return installation.id;
}
