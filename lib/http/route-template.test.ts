import { expect, it } from 'vitest';
import { routeTemplate } from './request';

it.each([
  ['/api/health/live', {}, '/api/health/live'],
  ['/api/v1/workspaces/acme/members', { workspace: 'acme' }, '/api/v1/workspaces/{workspace}/members'],
  [
    '/api/v1/workspaces/acme/members/acme',
    { workspace: 'acme', id: 'acme' },
    '/api/v1/workspaces/{workspace}/members/{id}',
  ],
  [
    '/api/v1/workspaces/acme/github/installations/7/sync',
    { workspace: 'acme', id: '7' },
    '/api/v1/workspaces/{workspace}/github/installations/{id}/sync',
  ],
  ['/api/v1/a%2Fb/c', { path: ['a/b', 'c'] }, '/api/v1/{path}'],
  ['/api/v1/a%2Fb/c', { path: ['a%2Fb', 'c'] }, '/api/v1/{path}'],
  ['/api/v1/x', { path: ['something-else'] }, '{unknown}'],
  ['/api/v1/%ff', { path: ['\ufffd'] }, '{unknown}'],
])('converts %s with parameters %j to %s', (pathname, params, template) => {
  expect(routeTemplate(pathname, params)).toBe(template);
});
