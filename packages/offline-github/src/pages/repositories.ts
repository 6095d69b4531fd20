import type { Hono } from 'hono';
import { html } from 'hono/html';
import type { HttpContext, HttpEnv } from '../http-env';
import type { Account, Repository } from '../state/types';
import { type Html, type PageKit, pageNotFound } from './page';
import { settingsForms } from './repository-settings';

const SHOWN = 200;

/** Serves accounts, repositories and their settings. Register these pages last: their paths match almost everything. */
export function repositoryPages(kit: PageKit): Hono<HttpEnv> {
  const { state, sessions, git, settings } = kit.world;
  const routes = kit.router();

  const visible = (repository: Repository, viewer: Account | null): boolean =>
    !repository.private || (viewer !== null && state.roleOn(viewer, repository) !== null);

  /** Finds a repository by its current or former name, if the viewer is allowed to see it. */
  function repositoryOf(c: HttpContext, viewer: Account | null): Repository {
    const fullName = `${c.req.param('account')}/${c.req.param('repo')}`.replace(/\.git$/, '');
    const repository = state.repositoryByName(fullName) ?? state.repositoryByFormerName(fullName);
    if (!repository || !visible(repository, viewer)) throw pageNotFound();
    return repository;
  }

  function administered(c: HttpContext, user: Account): Repository {
    const repository = repositoryOf(c, user);
    if (state.roleOn(user, repository) !== 'admin') throw pageNotFound();
    return repository;
  }

  function repositoryRow(repository: Repository): Html {
    const fullName = state.fullName(repository);
    const labels = [repository.private ? 'Private' : 'Public', ...(repository.archived ? ['Archived'] : [])];
    return html`<li><a class="grow" href="${kit.href(`/${fullName}`)}">${fullName}</a>
      ${labels.map((label) => html`<span class="label">${label}</span>`)}</li>`;
  }

  routes.get('/', (c) => {
    const { user } = kit.session(c);
    const accounts = [user, ...[...state.accounts.values()].filter(({ members }) => members.has(user.id))];
    const rows = accounts.map(
      (each) =>
        html`<li>${kit.avatar(each, 32)}<a class="grow" href="${kit.href(`/${each.login}`)}">${each.login}</a></li>`,
    );
    const links: [string, string][] = [
      [`/apps/${settings.slug}`, `Install ${settings.name}`],
      ['/settings/installations', 'Installed GitHub Apps'],
      ['/settings/apps/authorizations', 'Authorized GitHub Apps'],
      [`/settings/apps/${settings.slug}/advanced`, 'Webhook deliveries'],
      ['/settings/audit-log', 'Audit log'],
    ];
    const body = html`<h1>Hello, ${user.name}</h1><div class="box"><ul class="rows">${rows}</ul></div>
      <ul>${links.map(([path, text]) => html`<li><a href="${kit.href(path)}">${text}</a></li>`)}</ul>`;
    return kit.render(c, 'Home', body);
  });

  routes.get('/:account', (c) => {
    const viewer = sessions.current(c)?.user ?? null;
    const account = state.accountByLogin(c.req.param('account'));
    if (!account) throw pageNotFound();
    const repositories = state.repositoriesOf(account).filter((each) => visible(each, viewer));
    const body = html`<h1>${kit.avatar(account, 40)} ${account.name}</h1><p class="muted">${account.login}</p>
      <h2>Repositories (${repositories.length})</h2>
      <div class="box"><ul class="rows">${repositories.slice(0, SHOWN).map(repositoryRow)}</ul></div>`;
    return kit.render(c, account.login, body);
  });

  routes.get('/:account/:repo', async (c) => {
    const viewer = sessions.current(c)?.user ?? null;
    const repository = repositoryOf(c, viewer);
    const fullName = state.fullName(repository);
    if (fullName !== `${c.req.param('account')}/${c.req.param('repo')}`)
      return c.redirect(kit.href(`/${fullName}`), 301);
    const head = await git.head(repository);
    const files = await git.children(repository, head, '');
    const canAdminister = viewer !== null && state.roleOn(viewer, repository) === 'admin';
    const body = html`<h1>${fullName}</h1>
      <p class="actions"><span class="label">${repository.private ? 'Private' : 'Public'}</span>
        ${repository.archived ? html`<span class="label">Archived</span>` : ''}
        ${canAdminister ? html`<a href="${kit.href(`/${fullName}/settings`)}">Settings</a>` : ''}</p>
      <div class="box"><div class="head">${repository.defaultBranch} · <code>${head}</code></div>
      <ul class="rows">${files.map(({ path, type }) => html`<li>${path}${type === 'tree' ? '/' : ''}</li>`)}</ul></div>
      <p>Clone: <code>${kit.world.urls.web}/${fullName}.git</code></p>`;
    return kit.render(c, fullName, body);
  });

  routes.get('/:account/:repo/settings', (c) => {
    const session = kit.session(c);
    const repository = administered(c, session.user);
    const fullName = state.fullName(repository);
    const forms = settingsForms.map((form) => {
      const button = html`<button class="btn ${form.danger ? 'danger' : ''}" type="submit">${form.button(repository)}</button>`;
      const title = html`<strong>${form.title(repository)}</strong>`;
      const fields = html`<span class="grow">${title}${form.fields(repository, state)}</span>${button}`;
      return html`<li class="has-form">${kit.form(session, `/${fullName}/settings/${form.path}`, fields)}</li>`;
    });
    const body = html`<h1>Settings of ${fullName}</h1><div class="box"><ul class="rows">${forms}</ul></div>`;
    return kit.render(c, `Settings · ${fullName}`, body);
  });

  routes.post('/:account/:repo/settings/:form', async (c) => {
    const { session, form } = kit.submitted(c);
    const repository = administered(c, session.user);
    const found = settingsForms.find(({ path }) => path === c.req.param('form'));
    if (!found) throw pageNotFound();
    const owner = state.ownerOf(repository).login;
    await found.submit(kit.world.actions, repository, form, session.user.login);
    const still = state.repositories.get(repository.id);
    const allowed = still && state.roleOn(session.user, still) === 'admin';
    return c.redirect(kit.href(allowed ? `/${state.fullName(still)}/settings` : `/${owner}`));
  });

  return routes;
}
