import type { Hono } from 'hono';
import { html } from 'hono/html';
import type { HttpContext, HttpEnv } from '../http-env';
import { installationPath } from '../present/installations';
import type { Account, Installation } from '../state/types';
import { permissionList } from './install';
import { type Html, PageError, type PageKit, pageNotFound } from './page';
import { readSelection, searchForm, selectionFields } from './selection';
import type { Session } from './sessions';
import { setupUrl } from './setup-redirect';

/** Path prefixes of the user settings and the organization settings. Each has an `/installations` page. */
const SCOPES = ['/settings', '/organizations/:org/settings'] as const;

type Submit = 'suspend' | 'unsuspend' | 'uninstall';
const SUBMITS: Record<Submit, { label: string; danger: boolean; text: string }> = {
  suspend: { label: 'Suspend', danger: true, text: 'Blocks the App’s access to the resources.' },
  unsuspend: { label: 'Unsuspend', danger: false, text: 'Gives the App its access back.' },
  uninstall: { label: 'Uninstall', danger: true, text: 'Removes the App and all of its access.' },
};

/**
 * Serves the pages that configure installations.
 * https://docs.github.com/en/apps/using-github-apps/reviewing-and-modifying-installed-github-apps
 */
export function installationPages(kit: PageKit): Hono<HttpEnv> {
  const { world } = kit;
  const { state, settings, actions } = world;
  const routes = kit.router();

  function scopeOf(c: HttpContext, session: Session): Account {
    const org = c.req.param('org');
    const account = org === undefined ? session.user : state.accountByLogin(org);
    if (!account || !state.administers(session.user, account)) throw pageNotFound();
    return account;
  }

  function installationOf(c: HttpContext, session: Session): Installation {
    const account = scopeOf(c, session);
    const installation = state.installations.get(Number(c.req.param('installation_id')));
    if (installation?.accountId !== account.id) throw pageNotFound();
    return installation;
  }

  for (const scope of SCOPES) {
    routes.get(`${scope}/installations`, (c: HttpContext) => {
      const session = kit.session(c);
      const account = scopeOf(c, session);
      return kit.render(c, 'Installed GitHub Apps', overview(session, account));
    });

    routes.get(`${scope}/installations/:installation_id`, (c: HttpContext) => {
      const session = kit.session(c);
      const installation = installationOf(c, session);
      return kit.render(c, settings.name, configuration(c, session, installation));
    });

    routes.post(`${scope}/installations/:installation_id`, (c: HttpContext) => {
      const { session, form } = kit.submitted(c);
      const installation = installationOf(c, session);
      actions.configure({ installation: installation.id, by: session.user.login, ...readSelection(form) });
      const given = { installationId: installation.id, state: form.get('state') };
      return c.redirect(setupUrl(world, 'update', given) ?? kit.href(installationPath(state, installation)));
    });

    routes.post(`${scope}/installations/:installation_id/:submit`, (c: HttpContext) => {
      const { session } = kit.submitted(c);
      const installation = installationOf(c, session);
      const submit = c.req.param('submit') ?? '';
      if (!Object.hasOwn(SUBMITS, submit)) throw pageNotFound();
      const path = installationPath(state, installation);
      actions[submit as Submit]({ installation: installation.id, by: session.user.login });
      return c.redirect(kit.href(submit === 'uninstall' ? path.replace(/\/\d+$/, '') : path));
    });
  }

  function overview(session: Session, account: Account): Html {
    const installation = state.installationOf(account);
    const owned = [...state.accounts.values()].filter(
      (each) => each.type === 'Organization' && state.administers(session.user, each),
    );
    const requests = [...state.installationRequests.values()].filter((each) => each.accountId === account.id);
    const installed = installation
      ? html`<li><span class="grow"><strong>${settings.name}</strong></span>
          <a class="btn" href="${kit.href(installationPath(state, installation))}">Configure</a></li>`
      : html`<li class="muted">No GitHub App is installed on ${account.login}.</li>`;
    const pending = requests.map((request) => {
      const requester = state.account(request.requesterId);
      const review = `/organizations/${account.login}/settings/installation_requests/${request.id}`;
      return html`<li><span class="grow"><strong>${settings.name}</strong>, requested by ${requester.login}</span>
        <a class="btn" href="${kit.href(review)}">Review request</a></li>`;
    });
    const others = owned.map(
      (
        each,
      ) => html`<li>${kit.avatar(each)}<a href="${kit.href(`/organizations/${each.login}/settings/installations`)}">
        ${each.login}</a></li>`,
    );
    return html`<h1>Installed GitHub Apps</h1><p>${kit.avatar(account)} ${account.login}</p>
      <div class="box"><ul class="rows">${installed}</ul></div>
      ${pending.length > 0 ? html`<h2>Pending GitHub Apps installation requests</h2><div class="box"><ul class="rows">${pending}</ul></div>` : ''}
      ${others.length > 0 ? html`<h2>Your organizations</h2><div class="box"><ul class="rows">${others}</ul></div>` : ''}`;
  }

  function configuration(c: HttpContext, session: Session, installation: Installation): Html {
    const account = state.account(installation.accountId);
    const path = installationPath(state, installation);
    const given = c.req.query('state') ?? '';
    const view = {
      repositories: state.repositoriesOf(account),
      selection: installation.selection,
      chosen: installation.repositoryIds,
      search: c.req.query('q') ?? '',
    };
    const isSuspended = installation.suspendedAt !== null;
    const submits: Submit[] = [isSuspended ? 'unsuspend' : 'suspend', 'uninstall'];
    const zone = submits.map((submit) => {
      const { label, danger, text } = SUBMITS[submit];
      const button = html`<button class="btn ${danger ? 'danger' : ''}" type="submit">${label}</button>`;
      return html`<li><span class="grow"><strong>${label} ${settings.name}</strong><br>
        <span class="muted">${text}</span></span>${kit.form(session, `${path}/${submit}`, button)}</li>`;
    });
    const fields = html`<input type="hidden" name="state" value="${given}">${selectionFields(state, view)}
      <button class="btn primary" type="submit">Save</button>`;
    return html`<h1>${settings.name}</h1><p>${kit.avatar(account)} Installed on <strong>${account.login}</strong></p>
      ${isSuspended ? html`<p class="flash" role="status">This installation has been suspended.</p>` : ''}
      ${permissionList(installation.permissions)}${searchForm(view, { state: given })}
      ${kit.form(session, path, fields)}
      <h2>Danger zone</h2><div class="box danger-zone"><ul class="rows">${zone}</ul></div>`;
  }

  function requestOf(c: HttpContext, session: Session) {
    const account = scopeOf(c, session);
    const request = state.installationRequests.get(Number(c.req.param('request_id')));
    if (request?.accountId !== account.id) throw pageNotFound();
    return { account, request };
  }

  const REQUEST = '/organizations/:org/settings/installation_requests/:request_id';

  routes.get(REQUEST, (c) => {
    const session = kit.session(c);
    const { account, request } = requestOf(c, session);
    const requester = state.account(request.requesterId);
    const repositories = state.repositoriesOf(account);
    const view = { repositories, selection: 'all' as const, chosen: new Set<number>(), search: '' };
    const body = html`<h1>Review request for ${settings.name}</h1>
      <p>${kit.avatar(requester)} <strong>${requester.login}</strong> asks to install it on
        <strong>${account.login}</strong>.</p>
      ${kit.form(
        session,
        c.req.path.slice(world.urls.webBasePath.length),
        html`${selectionFields(state, view)}<div class="actions">
        <button class="btn primary" type="submit" name="decision" value="approve">Approve and install</button>
        <button class="btn danger" type="submit" name="decision" value="deny">Deny</button></div>`,
      )}
      ${permissionList(settings.permissions)}`;
    return kit.render(c, 'Review request', body, { narrow: true });
  });

  /**
   * Redirects to the Setup URL after an approval. There is no `state`, because an approval starts on GitHub and not at
   * the App.
   */
  routes.post(REQUEST, (c) => {
    const { session, form } = kit.submitted(c);
    const { account, request } = requestOf(c, session);
    const list = kit.href(`/organizations/${account.login}/settings/installations`);
    const decision = form.get('decision');
    if (decision === 'deny') {
      actions.denyRequest({ requestId: request.id });
      return c.redirect(list);
    }
    if (decision !== 'approve') throw new PageError(422, 'Approve or deny.');
    const by = session.user.login;
    const { id } = actions.approveRequest({ requestId: request.id, by, ...readSelection(form) });
    return c.redirect(setupUrl(world, 'install', { installationId: id }) ?? list);
  });

  return routes;
}
