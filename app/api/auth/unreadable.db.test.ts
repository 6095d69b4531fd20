import { NextRequest } from 'next/server';
import { expect, it } from 'vitest';
import { startTestApp } from '@/lib/auth/test-fixtures';
import { GET } from './[...nextauth]/route';

await startTestApp({ AUTH_DEV_LOGIN: '1' });

let clients = 0;
const get = (path: string[], query = '') =>
  GET(
    new NextRequest(`http://localhost:3000/api/auth/${path.join('/')}${query}`, {
      headers: { 'x-forwarded-for': `10.0.0.${clients++}` },
    }),
    {
      params: Promise.resolve({ nextauth: path }),
    },
  );

it.each(['javascript:alert(1)', 'x', '%00', '%ff', 'http://%20', 'data:,x'])(
  'answers 400 to the invalid return address %s',
  async (url) => {
    for (const path of [['csrf'], ['session'], ['signin'], ['error'], ['x'], ['callback', 'github']]) {
      const response = await get(path, `?callbackUrl=${url}`);
      expect([path, response.status]).toEqual([path, 400]);
      expect(await response.json()).toMatchObject({ code: 'invalid_request' });
    }
  },
);

it('answers 400 when a browser opens a sign-in that must be posted as a form', async () => {
  expect((await get(['callback', 'dev-login'])).status).toBe(400);
});
