import type { Context } from 'hono';
import { Hono } from 'hono';
import { html } from 'hono/html';
import type { HttpContext, HttpEnv } from '../http-env';
import { type Account, ActionError } from '../state/types';
import type { World } from '../world';
import type { Session } from './sessions';

export type Html = ReturnType<typeof html>;

/** An error that is shown as a page. */
export class PageError extends Error {
  override name = 'PageError';

  constructor(
    readonly status: 403 | 404 | 422,
    message: string,
  ) {
    super(message);
  }
}

/**
 * Thrown when nobody is signed in. The error handler redirects to the sign-in page, which then returns the user to this
 * page.
 */
class SignInRequired extends Error {}

export const pageNotFound = (): PageError =>
  new PageError(404, 'This is not the web page you are looking for.');

/** Provides what all pages share: links below the base path, the session, forms and the layout. */
export class PageKit {
  constructor(readonly world: World) {}

  href(path: string): string {
    return `${this.world.urls.webBasePath}${path}`;
  }

  /**
   * Returns the session.
   *
   * @throws SignInRequired, which the error handler turns into a redirect
   */
  session(c: HttpContext): Session {
    const session = this.world.sessions.current(c);
    if (!session) throw new SignInRequired();
    c.get('entry').auth = 'session';
    return session;
  }

  /**
   * Returns the session and the form of a POST request.
   *
   * @throws PageError if the CSRF token or the origin is wrong
   */
  submitted(c: HttpContext): { session: Session; form: URLSearchParams } {
    const session = this.session(c);
    const form = c.get('form');
    this.requireSameOrigin(c);
    if (form.get('authenticity_token') !== session.csrfToken) {
      throw new PageError(422, 'Your browser did something unexpected. Please go back and try again.');
    }
    return { session, form };
  }

  requireSameOrigin(c: HttpContext): void {
    const origin = c.req.header('origin');
    if (origin === undefined) return;
    if (!URL.canParse(origin) || new URL(origin).host !== c.req.header('host')) {
      throw new PageError(403, 'This form came from another site.');
    }
  }

  /** Renders a form with the session's CSRF token. `path` is relative to the base path. */
  form(session: Session, path: string, body: Html): Html {
    return html`<form method="post" action="${this.href(path)}">
      <input type="hidden" name="authenticity_token" value="${session.csrfToken}">${body}</form>`;
  }

  avatar(account: Account, size = 24): Html {
    const shape = account.type === 'Organization' ? 'avatar org' : 'avatar';
    const source = this.href(`/avatars/${account.login}`);
    return html`<img class="${shape}" src="${source}" alt="" width="${size}" height="${size}">`;
  }

  render(
    c: Context,
    title: string,
    body: Html,
    given: { narrow?: boolean; status?: 200 | 403 | 404 | 422 } = {},
  ) {
    const session = this.world.sessions.current(c as HttpContext);
    return c.html(
      html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${title} · Local GitHub</title><link rel="icon" href="data:,">
<link rel="stylesheet" href="${this.href('/_assets/offline-github.css')}"></head>
<body><div class="banner">Local GitHub: a stand-in on this machine, not github.com</div>
<header class="top"><a href="${this.href('/')}">GitHub</a><span class="spacer"></span>${this.#account(session)}</header>
<main class="${given.narrow ? 'narrow' : ''}">${body}</main></body></html>`,
      given.status ?? 200,
    );
  }

  #account(session: Session | null): Html {
    if (!session) return html`<a href="${this.href('/login')}">Sign in</a>`;
    const { user } = session;
    return html`<a href="${this.href('/settings/installations')}">Applications</a>
      <a href="${this.href(`/${user.login}`)}">${this.avatar(user, 20)} ${user.login}</a>
      ${this.form(session, '/logout', html`<button class="btn" type="submit">Sign out</button>`)}`;
  }

  /** Returns a router that renders errors as pages. */
  router(): Hono<HttpEnv> {
    const routes = new Hono<HttpEnv>();
    routes.onError((error, c) => {
      if (error instanceof SignInRequired) return this.#toSignIn(c);
      const known = error instanceof PageError || error instanceof ActionError;
      if (!known) console.error(error);
      const status = error instanceof PageError ? error.status : 422;
      const title = status === 404 ? 'Page not found' : 'That did not work';
      return this.render(c, title, html`<h1>${title}</h1><p role="alert">${error.message}</p>`, { status });
    });
    return routes;
  }

  #toSignIn(c: Context): Response {
    const { pathname, search } = new URL(c.req.url);
    const back = c.req.method === 'GET' ? `${pathname}${search}` : this.href('/');
    return c.redirect(`${this.href('/login')}?return_to=${encodeURIComponent(back)}`);
  }
}
