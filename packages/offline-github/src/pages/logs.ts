import type { Hono } from 'hono';
import { html } from 'hono/html';
import type { AuditEntry } from '../audit-log';
import type { HttpEnv } from '../http-env';
import { PageError, type PageKit, pageNotFound } from './page';

const SHOWN = 200;

/** The only search that the audit log supports. */
const HASH_QUERY = /^hashed_token:"([^"]+)"$/;

/** Renders the newest entries as a table. */
function tableOf(entries: AuditEntry[]) {
  const rows = entries.slice(-SHOWN).reverse();
  const list = rows.map(
    (each) => html`<tr><td>${new Date(each['@timestamp']).toISOString()}</td><td>${each.action}</td>
      <td>${each.actor}</td><td>${each.repo ?? each.org ?? ''}</td><td><code>${each.hashed_token ?? ''}</code></td></tr>`,
  );
  return html`<div class="scroll"><table>
    <thead><tr><th>Time</th><th>Action</th><th>Actor</th><th>Target</th><th>hashed_token</th></tr></thead>
    <tbody>${list}</tbody></table></div>`;
}

/** Serves the pages for webhook deliveries and the audit log. */
export function logPages(kit: PageKit): Hono<HttpEnv> {
  const { settings, hooks, auditLog, state } = kit.world;
  const routes = kit.router();
  const advanced = () => `/settings/apps/${settings.slug}/advanced`;

  routes.get('/settings/apps/:slug/advanced', (c) => {
    const session = kit.session(c);
    if (c.req.param('slug') !== settings.slug) throw pageNotFound();
    const rows = [...hooks.log.list()].reverse().slice(0, SHOWN);
    const button = html`<button class="btn" type="submit">Redeliver</button>`;
    const list = rows.map(
      (each) => html`<tr><td><code>${each.guid}</code></td>
        <td>${each.event}${each.action === null ? '' : `.${each.action}`}${each.redelivery ? ' (redelivery)' : ''}</td>
        <td>${each.status}</td><td>${new Date(each.deliveredAt).toISOString()}</td>
        <td>${kit.form(session, `${advanced()}/deliveries/${each.id}`, button)}</td></tr>`,
    );
    const body = html`<h1>Recent deliveries</h1><p class="muted">Webhook URL: ${settings.webhookUrl ?? 'none'}</p>
      <div class="scroll"><table><thead><tr><th>Delivery</th><th>Event</th><th>Status</th><th>Time</th><th>Action</th></tr></thead>
      <tbody>${list}</tbody></table></div>`;
    return kit.render(c, 'Recent deliveries', body);
  });

  routes.post('/settings/apps/:slug/advanced/deliveries/:id', (c) => {
    kit.submitted(c);
    if (!hooks.redeliver(c.req.param('id'))) throw new PageError(404, 'There is no such delivery.');
    return c.redirect(kit.href(advanced()));
  });

  routes.get('/settings/audit-log', (c) => {
    kit.session(c);
    const format = c.req.query('format');
    if (format === 'json') return c.json(auditLog.list());
    if (format === 'csv') return c.body(auditLog.toCsv(), 200, { 'Content-Type': 'text/csv; charset=utf-8' });
    const here = kit.href('/settings/audit-log');
    const body = html`<h1>Audit log</h1><p class="actions">Export: <a href="${here}?format=json">JSON</a>
      <a href="${here}?format=csv">CSV</a></p>${tableOf(auditLog.list())}`;
    return kit.render(c, 'Audit log', body);
  });

  routes.get('/organizations/:org/settings/audit-log', (c) => {
    const session = kit.session(c);
    const account = state.accountByLogin(c.req.param('org'));
    if (!account || !state.administers(session.user, account)) throw pageNotFound();
    const query = c.req.query('q') ?? '';
    const hash = HASH_QUERY.exec(query)?.[1];
    const entries = auditLog.list({
      org: account.login,
      ...(hash === undefined ? {} : { hashed_token: hash }),
    });
    const body = html`<h1>Audit log of ${account.login}</h1><p class="muted">${query}</p>${tableOf(entries)}`;
    return kit.render(c, 'Audit log', body);
  });

  return routes;
}
