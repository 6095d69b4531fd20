import type { Hono } from 'hono';
import { html } from 'hono/html';
import type { HttpEnv } from '../http-env';
import { CSS } from './css';
import { PageError, type PageKit, pageNotFound } from './page';

/**
 * Returns the path if it stays on this site, otherwise the fallback. Without this check, `//elsewhere` or a full URL
 * would make the sign-in page an open redirect.
 */
function localPath(path: string | null, fallback: string): string {
  return path !== null && /^\/(?![/\\])/.test(path) ? path : fallback;
}

/** Serves the sign-in page, where you choose which user to sign in as. There are no passwords. */
export function signInPages(kit: PageKit): Hono<HttpEnv> {
  const { state, sessions } = kit.world;
  const routes = kit.router();

  routes.get('/_assets/offline-github.css', (c) =>
    c.body(CSS, 200, { 'Content-Type': 'text/css; charset=utf-8' }),
  );

  routes.get('/avatars/:login', (c) => {
    const account = state.accountByLogin(c.req.param('login'));
    if (!account) throw pageNotFound();
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 40"><rect width="40" height="40" fill="hsl(${(account.id * 47) % 360} 55% 45%)"/><text x="20" y="27" font-family="sans-serif" font-size="20" fill="#fff" text-anchor="middle">${account.login.replace(/\W/g, '').charAt(0).toUpperCase()}</text></svg>`;
    return c.body(svg, 200, { 'Content-Type': 'image/svg+xml' });
  });

  routes.get('/login', (c) => {
    const returnTo = c.req.query('return_to') ?? '';
    const people = [...state.accounts.values()].filter(({ type }) => type === 'User');
    const rows = people.map(
      (person) => html`<li>${kit.avatar(person, 32)}<span class="grow"><strong>${person.login}</strong>
        <span class="muted">${person.name}</span></span>
        <button class="btn" type="submit" name="login" value="${person.login}"
          aria-label="Sign in as ${person.login}">Sign in</button></li>`,
    );
    const body = html`<h1>Sign in to GitHub</h1><p class="muted">Who are you today? No password is needed.</p>
      <form method="post" action="${kit.href('/login')}">
      <input type="hidden" name="return_to" value="${returnTo}">
      <div class="box"><ul class="rows">${rows}</ul></div></form>`;
    return kit.render(c, 'Sign in', body, { narrow: true });
  });

  routes.post('/login', (c) => {
    kit.requireSameOrigin(c);
    const form = c.get('form');
    const person = state.accountByLogin(form.get('login') ?? '');
    if (person?.type !== 'User') throw new PageError(422, 'There is nobody of that name.');
    sessions.start(c, person);
    return c.redirect(localPath(form.get('return_to'), kit.href('/')));
  });

  routes.post('/logout', (c) => {
    kit.submitted(c);
    sessions.end(c);
    return c.redirect(kit.href('/login'));
  });

  return routes;
}
