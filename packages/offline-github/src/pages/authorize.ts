import type { Hono } from 'hono';
import { html } from 'hono/html';
import type { HttpContext, HttpEnv } from '../http-env';
import type { Account } from '../state/types';
import { PageError, type PageKit, pageNotFound } from './page';

interface AuthorizeRequest {
  redirectUri: string;
  state: string;
  codeChallenge: string | null;
}

/**
 * Serves the pages where a user authorizes the App and revokes the authorization.
 * https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-user-access-token-for-a-github-app
 */
export function authorizePages(kit: PageKit): Hono<HttpEnv> {
  const { settings, state, codes, clock, actions, auditLog } = kit.world;
  const routes = kit.router();

  /** Validates the request. `redirect_uri` must be a registered callback URL, and defaults to the first one. */
  function parse(fields: Record<string, string | undefined>): AuthorizeRequest {
    if (fields.client_id !== settings.clientId) throw pageNotFound();
    const redirectUri = fields.redirect_uri || settings.callbackUrls[0];
    if (redirectUri === undefined || !settings.callbackUrls.includes(redirectUri)) {
      throw new PageError(
        422,
        'The redirect_uri is not associated with this application. The application might be misconfigured or could be trying to redirect you to a website you weren’t expecting.',
      );
    }
    const codeChallenge = fields.code_challenge || null;
    if (codeChallenge !== null && fields.code_challenge_method !== 'S256') {
      throw new PageError(422, 'Only the code_challenge_method S256 is supported.');
    }
    return { redirectUri, state: fields.state ?? '', codeChallenge };
  }

  function back(c: HttpContext, request: AuthorizeRequest, answer: Record<string, string>): Response {
    const url = new URL(request.redirectUri);
    for (const [key, value] of Object.entries(answer)) url.searchParams.set(key, value);
    if (request.state) url.searchParams.set('state', request.state);
    return c.redirect(url.toString());
  }

  function grant(c: HttpContext, request: AuthorizeRequest, user: Account): Response {
    const { redirectUri, codeChallenge } = request;
    return back(c, request, { code: codes.issue({ userId: user.id, redirectUri, codeChallenge }) });
  }

  routes.get('/login/oauth/authorize', (c) => {
    const request = parse(c.req.query());
    const session = kit.session(c);
    if (state.authorizations.has(session.user.id)) return grant(c, request, session.user);
    const hidden = Object.entries(c.req.query()).map(
      ([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`,
    );
    const fields = html`${hidden}<div class="actions">
      <button class="btn" type="submit" name="authorize" value="0">Cancel</button>
      <button class="btn primary" type="submit" name="authorize" value="1">Authorize ${settings.name}</button></div>`;
    const body = html`<h1>Authorize ${settings.name}</h1>
      <p>${kit.avatar(session.user)} <strong>${settings.name}</strong> would like permission to:</p>
      <ul><li>Verify your GitHub identity (${session.user.login})</li>
      <li>Know which resources you can access</li><li>Act on your behalf</li></ul>
      ${kit.form(session, '/login/oauth/authorize', fields)}
      <p class="muted small">Authorizing will redirect to <code>${new URL(request.redirectUri).origin}</code></p>`;
    return kit.render(c, `Authorize ${settings.name}`, body, { narrow: true });
  });

  routes.post('/login/oauth/authorize', (c) => {
    const { session, form } = kit.submitted(c);
    const request = parse(Object.fromEntries(form));
    if (form.get('authorize') !== '1') {
      return back(c, request, {
        error: 'access_denied',
        error_description: 'The user has denied your application access.',
        error_uri: 'https://docs.github.com/apps/troubleshooting-authorization-request-errors/#access-denied',
      });
    }
    state.authorizations.set(session.user.id, clock.now());
    auditLog.add({
      action: 'oauth_authorization.create',
      actor: session.user.login,
      actor_id: session.user.id,
      integration: settings.slug,
    });
    return grant(c, request, session.user);
  });

  routes.get('/settings/apps/authorizations', (c) => {
    const session = kit.session(c);
    const button = html`<button class="btn danger" type="submit">Revoke</button>`;
    const row = state.authorizations.has(session.user.id)
      ? html`<li><strong class="grow">${settings.name}</strong>
          ${kit.form(session, '/settings/apps/authorizations', button)}</li>`
      : html`<li class="muted">You have authorized no GitHub App.</li>`;
    const body = html`<h1>Authorized GitHub Apps</h1><div class="box"><ul class="rows">${row}</ul></div>`;
    return kit.render(c, 'Authorized GitHub Apps', body);
  });

  routes.post('/settings/apps/authorizations', (c) => {
    const { session } = kit.submitted(c);
    actions.revokeAuthorization({ login: session.user.login });
    return c.redirect(kit.href('/settings/apps/authorizations'));
  });

  return routes;
}
