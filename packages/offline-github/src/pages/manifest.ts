import type { Hono } from 'hono';
import { html } from 'hono/html';
import { checkManifest } from '../description/manifest';
import type { HttpContext, HttpEnv } from '../http-env';
import { ManifestError, parseManifest } from '../oauth/manifests';
import type { Account } from '../state/types';
import { PageError, type PageKit, pageNotFound } from './page';

const CREATE = '/settings/apps/create-from-manifest';

/**
 * Serves the pages that register an App from a manifest.
 * https://docs.github.com/en/apps/sharing-github-apps/registering-a-github-app-from-a-manifest
 */
export function manifestPages(kit: PageKit): Hono<HttpEnv> {
  const { state, manifests, complaints } = kit.world;
  const routes = kit.router();

  function parse(text: string | null) {
    try {
      return parseManifest(text ?? '');
    } catch (error) {
      if (error instanceof ManifestError) throw new PageError(422, error.message);
      throw error;
    }
  }

  /** @throws PageError unless the user administers the account */
  function ownerOf(user: Account, login: string | undefined): Account {
    const owner = login === undefined ? user : state.accountByLogin(login);
    if (!owner || !state.administers(user, owner)) throw pageNotFound();
    return owner;
  }

  /**
   * Asks the user to confirm the App described by the manifest. The POST comes from another site, so nothing is created
   * until the user agrees.
   */
  function confirm(c: HttpContext) {
    const session = kit.session(c);
    const owner = ownerOf(session.user, c.req.param('org'));
    const text = c.get('form').get('manifest') ?? '';
    const manifest = parse(text);
    complaints?.addAll('request', `POST ${c.req.path}`, checkManifest(JSON.parse(text)));
    const fields = html`<input type="hidden" name="manifest" value="${text}">
      <input type="hidden" name="owner" value="${owner.login}">
      <input type="hidden" name="state" value="${c.req.query('state') ?? ''}">
      <p><label>GitHub App name<br><input type="text" name="name" value="${manifest.name}" maxlength="34"></label></p>
      <button class="btn primary" type="submit">Create GitHub App for ${owner.login}</button>`;
    const body = html`<h1>Create GitHub App for ${owner.login}</h1>${kit.form(session, CREATE, fields)}`;
    return kit.render(c, 'Create GitHub App', body, { narrow: true });
  }

  for (const path of ['/settings/apps/new', '/organizations/:org/settings/apps/new']) {
    routes.get(path, (c: HttpContext) => {
      kit.session(c);
      const body = html`<h1>Register new GitHub App</h1>
        <p>Local GitHub registers Apps from a manifest: POST the form field <code>manifest</code> here.</p>`;
      return kit.render(c, 'Register new GitHub App', body, { narrow: true });
    });
    routes.post(path, confirm);
  }

  routes.post(CREATE, (c) => {
    const { session, form } = kit.submitted(c);
    const given = parse(form.get('manifest'));
    const manifest = { ...given, name: form.get('name') || given.name };
    const owner = ownerOf(session.user, form.get('owner') ?? undefined);
    const code = manifests.register(manifest, owner.id);
    if (manifest.redirect_url === null) throw new PageError(422, 'redirect_url is missing.');
    const url = new URL(manifest.redirect_url);
    url.searchParams.set('code', code);
    const passedState = form.get('state');
    if (passedState) url.searchParams.set('state', passedState);
    return c.redirect(url.toString());
  });

  return routes;
}
