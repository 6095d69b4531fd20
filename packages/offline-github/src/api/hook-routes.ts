import type { components } from '@octokit/openapi-types';
import { Hono } from 'hono';
import type { HttpContext, HttpEnv } from '../http-env';
import { type Delivery, deliveryDetail, deliveryItem } from '../webhooks/delivery-log';
import type { World } from '../world';
import { requireApp } from './credentials';
import { ApiError, notFound } from './errors';
import { cursorPage } from './paging';

type WebhookConfig = components['schemas']['webhook-config'];

/**
 * Responds with JSON in which large ids keep all their digits, as on GitHub. `JSON.stringify` alone throws on a bigint.
 */
function jsonWithBigInts(c: HttpContext, value: unknown): Response {
  const mark = '\u0000bigint:';
  const text = JSON.stringify(value, (_, each: unknown) =>
    typeof each === 'bigint' ? `${mark}${each}` : each,
  );
  const body = text.replace(/"\\u0000bigint:(\d+)"/g, '$1');
  return c.body(body, 200, { 'Content-Type': 'application/json; charset=utf-8' });
}

/** Returns the endpoints for the App's webhook and its deliveries. https://docs.github.com/en/rest/apps/webhooks */
export function hookRoutes(world: World): Hono<HttpEnv> {
  const { settings, hooks, urls } = world;
  const routes = new Hono<HttpEnv>();

  const config = (): WebhookConfig => ({
    content_type: 'json',
    insecure_ssl: '0',
    secret: '********',
    ...(settings.webhookUrl !== null && { url: settings.webhookUrl }),
  });

  function deliveryOf(c: HttpContext): Delivery {
    requireApp(world, c);
    const delivery = hooks.log.find(c.req.param('delivery_id') ?? '');
    if (!delivery) throw notFound();
    return delivery;
  }

  routes.get('/app/hook/config', (c) => {
    requireApp(world, c);
    return c.json(config());
  });

  routes.patch('/app/hook/config', (c) => {
    requireApp(world, c);
    const { url, secret } = (c.get('json') ?? {}) as Record<string, unknown>;
    if (url !== undefined && (typeof url !== 'string' || !URL.canParse(url))) {
      throw new ApiError(422, 'Validation Failed', {
        errors: [{ resource: 'Hook', field: 'url', code: 'invalid' }],
      });
    }
    if (typeof url === 'string') settings.webhookUrl = url;
    if (typeof secret === 'string') settings.webhookSecret = secret;
    return c.json(config());
  });

  routes.get('/app/hook/deliveries', (c) => {
    requireApp(world, c);
    const newestFirst = [...hooks.log.list()].reverse();
    const status = c.req.query('status');
    const wanted = newestFirst.filter(({ statusCode }) => {
      const succeeded = statusCode >= 200 && statusCode < 400;
      return status === undefined || (status === 'success') === succeeded;
    });
    return jsonWithBigInts(c, cursorPage(c, urls, wanted).map(deliveryItem));
  });

  routes.get('/app/hook/deliveries/:delivery_id', (c) => jsonWithBigInts(c, deliveryDetail(deliveryOf(c))));

  routes.post('/app/hook/deliveries/:delivery_id/attempts', (c) => {
    hooks.redeliver(deliveryOf(c).id);
    return c.json({}, 202);
  });

  return routes;
}
