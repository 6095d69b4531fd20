import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { listShownIds } from './app-info';
import { forgetGitHub } from './client';
import { listFailedDeliveries } from './deliveries';
import { GitHubError } from './errors';
import { listInstallationRequests, listInstallations } from './installations';
import { nextLink } from './pages';
import { startTestGitHub } from './test-github';
import { listUserInstallations, readUserAccess } from './user-oauth';

/**
 * Each test sets the responses of a stand-in for GitHub's API. Their bodies and `Link` headers resemble those of
 * gateways and older servers, and the headers are valid by RFC 8288.
 */
let answer: (url: URL, request: IncomingMessage) => { body: string; link?: string };
const api = createServer((request, response) => {
  const { body, link } = answer(new URL(request.url ?? '/', apiUrl), request);
  response
    .writeHead(200, { 'content-type': 'application/json', ...(link !== undefined && { link }) })
    .end(body);
}).listen(0, '127.0.0.1');
await once(api, 'listening');
const apiUrl = `http://127.0.0.1:${(api.address() as AddressInfo).port}`;
await startTestGitHub(() => ({ GITHUB_API_URL: apiUrl }));
afterAll(() => {
  api.closeAllConnections();
  api.close();
});
beforeEach(() => forgetGitHub());

const idsOf = (page: number) => Array.from({ length: 100 }, (_, n) => page * 1000 + n);
const asInstallations = (ids: number[]) =>
  JSON.stringify(ids.map((id) => ({ id, account: { id: 1, login: 'acme', type: 'Organization' } })));
const pageOf = (url: URL) => Number(url.searchParams.get('page'));

const LINKS: [string, (target: string) => string][] = [
  ['in GitHub’s form', (target) => `<${target}>; rel="next", <${target}9>; rel="last"`],
  [
    'after the other links',
    (target) => `<${target}0>; rel="prev", <${target}1>; rel="first", <${target}>; rel="next"`,
  ],
  ['without quotes', (target) => `<${target}>;rel=next`],
  ['in capitals', (target) => `<${target}>; REL="Next"`],
  ['with two relations', (target) => `<${target}>; rel="next last"`],
  ['after other parameters', (target) => `<${target}>; title="a, b; rel=x"; rel="next"`],
];

describe('the link to the next page', () => {
  it.each(LINKS)('finds the link %s', (_, write) => {
    expect(nextLink(write('https://api.github.com/x?page=2&a=1,2'))).toBe(
      'https://api.github.com/x?page=2&a=1,2',
    );
  });

  it.each([
    '<https://api.github.com/x?rel="next">; rel="prev"',
    '<https://api.github.com/x>; rel="nextish"',
    '<https://api.github.com/x>; title="rel=next"; rel="last"',
    'rel="next"',
    '',
  ])('finds no link in %j', (link) => {
    expect(nextLink(link)).toBeUndefined();
  });

  it.each(LINKS)('lists all installations when the link is written %s', async (_, write) => {
    answer = (url) => {
      const page = pageOf(url);
      const link = page < 3 ? write(`/app/installations?page=${page + 1}`) : '<x>; rel="prev"';
      return { body: asInstallations(idsOf(page).slice(0, 30)), link };
    };
    expect((await listInstallations()).installations).toHaveLength(90);
    expect((await listShownIds()).size).toBe(90);
  });

  it.each(LINKS)(
    'lists all deliveries when the link is written %s, even without a host',
    async (_, write) => {
      const item = (id: number) => ({
        id,
        guid: `g${id}`,
        delivered_at: '2026-11-28T10:00:00Z',
        status_code: 500,
      });
      answer = (url) =>
        url.searchParams.get('cursor') === 'v1_2'
          ? { body: JSON.stringify([item(2)]) }
          : { body: JSON.stringify([item(1)]), link: write('/app/hook/deliveries?cursor=v1_2') };
      const ids: string[] = [];
      for await (const page of listFailedDeliveries()) ids.push(...page.map(({ id }) => id));
      expect(ids).toEqual(['1', '2']);
    },
  );
});

describe('the list that confirms that an installation has ended', () => {
  it('is read to the last page even if a gateway drops the links', async () => {
    answer = (url) => ({ body: pageOf(url) > 2 ? '[]' : asInstallations(idsOf(pageOf(url))) });
    expect((await listShownIds()).size).toBe(200);
  });

  it('proves nothing if its pages repeat forever, and is abandoned after a few pages', async () => {
    let pages = 0;
    answer = () => {
      pages++;
      return { body: asInstallations(idsOf(1)), link: '</app/installations?page=2>; rel="next"' };
    };
    await expect(listShownIds()).rejects.toBeInstanceOf(GitHubError);
    expect(pages).toBeLessThan(10);
  });

  it.each(['[null]', '[{}]', '[{"id":null}]', '[{"id":"7"}]', '[[]]'])(
    'proves nothing if the id of an item is unreadable: %s',
    async (body) => {
      answer = () => ({ body });
      await expect(listShownIds()).rejects.toBeInstanceOf(GitHubError);
    },
  );
});

it('reads an installation from a server that does not support suspension', async () => {
  answer = () => ({ body: asInstallations([7]) });
  expect((await listInstallations()).installations).toMatchObject([{ id: 7, suspendedAt: null }]);
});

it.each(['null', '', '[]', '"x"', '5', 'true', '{}', '{"installations":null,"repositories":null}'])(
  'reports every list as unreadable if its body is %s',
  async (body) => {
    answer = () => ({ body });
    const readers: Record<string, () => Promise<unknown>> = {
      'GET /user/installations': () => listUserInstallations('ghu_x'),
      'GET /user/installations/{installation_id}/repositories': () => readUserAccess('ghu_x', 1),
      ...(body !== '[]' && {
        'GET /app/installations': listInstallations,
        'GET /app/installation-requests': listInstallationRequests,
        'GET /app/hook/deliveries': () => listFailedDeliveries().next(),
      }),
    };
    for (const [route, read] of Object.entries(readers))
      await expect(read()).rejects.toMatchObject({ name: 'GitHubError', reason: 'unreadable_answer', route });
  },
);
