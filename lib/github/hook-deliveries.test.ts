import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { log } from '../observability/log';
import { forgetGitHub } from './client';
import { listFailedDeliveries, requestRedelivery } from './deliveries';
import { startTestGitHub } from './test-github';

/**
 * The pages returned by a stand-in for GitHub's API. They are text, because no JavaScript number can hold the ids
 * below.
 */
let pages: string[] = [];
const paths: string[] = [];
const api = createServer((request, response) => {
  paths.push(request.url ?? '');
  if (request.method === 'POST') return void response.writeHead(202).end('{}');
  const body = pages.shift() ?? '[]';
  const link =
    pages.length > 0 ? { link: `<${apiUrl}/app/hook/deliveries?cursor=v1_${paths.length}>; rel="next"` } : {};
  response.writeHead(200, { 'content-type': 'application/json', ...link }).end(body);
}).listen(0, '127.0.0.1');
await once(api, 'listening');
const apiUrl = `http://127.0.0.1:${(api.address() as AddressInfo).port}`;
await startTestGitHub(() => ({ GITHUB_API_URL: apiUrl }));
afterAll(() => {
  api.closeAllConnections();
  api.close();
});

beforeEach(() => {
  forgetGitHub();
  pages = [];
  paths.length = 0;
});

const item = (id: string, more = '') =>
  `{"id":${id},"guid":"g-${id}","delivered_at":"2026-11-28T10:00:00Z","redelivery":false,"duration":0.1,` +
  `"status":"Invalid HTTP Response: 500","status_code":500,"event":"installation","action":"created",` +
  `"installation_id":71,"repository_id":null,"throttled_at":null${more}}`;

async function listed(): Promise<string[]> {
  const ids: string[] = [];
  for await (const page of listFailedDeliveries()) ids.push(...page.map(({ id }) => id));
  return ids;
}

describe('GitHub’s delivery log', () => {
  it('keeps every digit of a 64-bit id, in the list and in the request for a redelivery', async () => {
    const ids = ['3804004623172239366', '9223372036854775807', '12345678'];
    pages = [`[${ids.map((id) => item(id)).join(',')}]`];
    expect(await listed()).toEqual(ids);
    for (const id of ids) await requestRedelivery(id);
    expect(paths.slice(1)).toEqual(ids.map((id) => `/app/hook/deliveries/${id}/attempts`));
  });

  it.each([
    ['an id that is no integer', item('1.5')],
    ['an id of null', item('null')],
    ['no delivery time', item('5').replace('"2026-11-28T10:00:00Z"', 'null')],
    ['no GUID', item('5').replace('"g-5"', 'null')],
    ['null instead of a delivery', 'null'],
  ])('skips only an unreadable delivery, and logs it: %s', async (_, odd) => {
    const warn = vi.spyOn(log, 'warn');
    pages = [`[${item('3804004623172239368')},${odd},${item('3804004623172239366')}]`, `[${item('7')}]`];
    expect(await listed()).toEqual(['3804004623172239368', '3804004623172239366', '7']);
    expect(warn).toHaveBeenCalledTimes(1);
    warn.mockRestore();
  });

  it.each([
    [
      'an installation id beyond 2^53',
      item('8').replace('"installation_id":71', '"installation_id":9007199254740993'),
    ],
    ['no installation', item('8').replace('"installation_id":71', '"installation_id":null')],
    ['fields added in the future', item('8', ',"tomorrow":{"a":[1]}')],
    ['a status added in the future', item('8').replace('"Invalid HTTP Response: 500"', '{"text":"x"}')],
  ])('still lists a delivery with %s', async (_, odd) => {
    pages = [`[${odd}]`];
    expect(await listed()).toEqual(['8']);
  });
});
