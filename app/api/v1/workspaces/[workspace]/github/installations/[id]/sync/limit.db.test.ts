import { NextRequest } from 'next/server';
import { encode } from 'next-auth/jwt';
import { expect, it } from 'vitest';
import { makeWorkspace, startTestApp } from '@/lib/auth/test-fixtures';
import { getConfig } from '@/lib/config';
import { policiesWith } from '@/lib/rate-limit/policies';
import { POST } from './route';

await startTestApp();

it('limits the syncs that people request per workspace, from however many addresses', async () => {
  const limit = policiesWith(getConfig().rateLimits).sync.limit;
  const newAdmin = async () => {
    const { slug, people } = await makeWorkspace('admin');
    const jwt = await encode({ token: { sub: people[0]?.id ?? '' }, secret: getConfig().auth.secret });
    let client = 0;
    return () =>
      POST(
        new NextRequest(`http://localhost:3000/api/v1/workspaces/${slug}/github/installations/1/sync`, {
          method: 'POST',
          headers: { authorization: `Bearer ${jwt}`, 'x-forwarded-for': `198.51.100.${++client}` },
        }),
        { params: Promise.resolve({ workspace: slug, id: '1' }) },
      );
  };
  const sync = await newAdmin();
  for (let n = 0; n < limit; n++) expect((await sync()).status).toBe(404);
  const refused = await sync();
  expect(refused.status).toBe(429);
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  const elsewhere = await newAdmin();
  expect((await elsewhere()).status).toBe(404);
});
