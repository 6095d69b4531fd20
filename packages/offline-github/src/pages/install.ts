import type { Hono } from 'hono';
import { html } from 'hono/html';
import type { HttpContext, HttpEnv } from '../http-env';
import { installationPath } from '../present/installations';
import type { Account } from '../state/types';
import { type Html, PageError, type PageKit, pageNotFound } from './page';
import { readSelection, searchForm, selectionFields } from './selection';
import type { Session } from './sessions';
import { setupUrl } from './setup-redirect';

/**
 * Serves the pages where an owner installs the App, or a member asks an owner to install it.
 * https://docs.github.com/en/apps/using-github-apps/installing-a-github-app-from-a-third-party
 */
export function installPages(kit: PageKit): Hono<HttpEnv> {
  const { world } = kit;
  const { state, settings, actions } = world;
  const routes = kit.router();
  const base = () => `/apps/${settings.slug}`;

  function requireSlug(c: HttpContext): void {
    if (c.req.param('slug') !== settings.slug) throw pageNotFound();
  }

  const withState = (path: string, given: string | undefined | null): string =>
    given ? `${path}${path.includes('?') ? '&' : '?'}state=${encodeURIComponent(given)}` : path;

  /** Returns the user's own account and organizations. */
  function targetsOf(user: Account): Account[] {
    return [user, ...[...state.accounts.values()].filter(({ members }) => members.has(user.id))];
  }

  function targetOf(session: Session, id: string | null | undefined): Account {
    const target = targetsOf(session.user).find((each) => String(each.id) === id);
    if (!target) throw pageNotFound();
    return target;
  }

  /**
   * Returns the URL of the page that comes after choosing an account. As on GitHub, if the App is already installed
   * there, an owner gets the installation's configuration page.
   */
  function next(user: Account, target: Account, given: string | undefined): string {
    const installation = state.installationOf(target);
    if (installation && state.administers(user, target)) {
      return kit.href(withState(installationPath(state, installation), given));
    }
    return kit.href(withState(`${base()}/installations/new/permissions?target_id=${target.id}`, given));
  }

  routes.get('/apps/:slug', (c) => {
    requireSlug(c);
    const body = html`<h1>${settings.name}</h1><p class="muted">GitHub App</p>
      <p><a class="btn primary" href="${kit.href(`${base()}/installations/new`)}">Install</a></p>
      ${permissionList(settings.permissions)}`;
    return kit.render(c, settings.name, body);
  });

  routes.get('/apps/:slug/installations/new', (c) => {
    requireSlug(c);
    const { user } = kit.session(c);
    const targets = targetsOf(user);
    const given = c.req.query('state');
    const [only] = targets;
    if (only && targets.length === 1) return c.redirect(next(user, only, given));
    const rows = targets.map((target) => {
      const installed = state.installationOf(target) ? html`<span class="label">Installed</span>` : '';
      return html`<li>${kit.avatar(target, 32)}<a class="grow" href="${next(user, target, given)}">
        <strong>${target.login}</strong></a>${installed}</li>`;
    });
    const body = html`<h1>Install ${settings.name}</h1><p>Where do you want to install ${settings.name}?</p>
      <div class="box"><ul class="rows">${rows}</ul></div>`;
    return kit.render(c, `Install ${settings.name}`, body, { narrow: true });
  });

  routes.get('/apps/:slug/installations/new/permissions', (c) => {
    requireSlug(c);
    const session = kit.session(c);
    const target = targetOf(session, c.req.query('target_id'));
    const owner = state.administers(session.user, target);
    if (state.installationOf(target) && owner)
      return c.redirect(next(session.user, target, c.req.query('state')));
    return kit.render(c, `Install ${settings.name}`, installForm(c, session, target, owner), {
      narrow: true,
    });
  });

  function installForm(c: HttpContext, session: Session, target: Account, owner: boolean): Html {
    const given = c.req.query('state') ?? '';
    const search = c.req.query('q') ?? '';
    const repositories = state.repositoriesOf(target);
    const view = { repositories, selection: 'all' as const, chosen: new Set<number>(), search };
    const note = owner
      ? selectionFields(state, view)
      : html`<p class="flash">You are not an owner of ${target.login}. Its owners will be asked to approve.</p>`;
    const fields = html`<input type="hidden" name="target_id" value="${target.id}">
      <input type="hidden" name="state" value="${given}">${note}
      <div class="actions"><button class="btn primary" type="submit">${owner ? 'Install' : 'Request'}</button>
      <a class="btn" href="${kit.href('/')}">Cancel</a></div>`;
    const verb = owner ? 'Install on' : 'Request installation on';
    return html`<h1>Install ${settings.name}</h1>
      <p>${kit.avatar(target)} ${verb} <strong>${target.login}</strong></p>
      ${owner ? searchForm(view, { target_id: String(target.id), state: given }) : ''}
      ${kit.form(session, `${base()}/installations`, fields)}${permissionList(settings.permissions)}`;
  }

  routes.post('/apps/:slug/installations', (c) => {
    requireSlug(c);
    const { session, form } = kit.submitted(c);
    const { user } = session;
    const target = targetOf(session, form.get('target_id'));
    const given = form.get('state');
    if (!state.administers(user, target)) {
      if (state.installationOf(target)) throw new PageError(422, `${target.login} has the App already.`);
      actions.requestInstallation({ account: target.login, by: user.login });
      return c.redirect(setupUrl(world, 'request', { state: given }) ?? kit.href('/'));
    }
    const chosen = readSelection(form);
    const { id } = actions.install({ account: target.login, by: user.login, ...chosen });
    const installation = state.installations.get(id);
    const fallback = installation ? kit.href(installationPath(state, installation)) : kit.href('/');
    return c.redirect(setupUrl(world, 'install', { installationId: id, state: given }) ?? fallback);
  });

  return routes;
}

export function permissionList(permissions: object): Html {
  const items = Object.entries(permissions).map(
    ([name, level]) => html`<li><strong>${level === 'read' ? 'Read' : 'Read and write'}</strong> access to
      ${name.replaceAll('_', ' ')}</li>`,
  );
  return html`<h2>Permissions</h2><ul>${items}</ul>`;
}
