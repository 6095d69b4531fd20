import { encode } from 'next-auth/jwt';
import { beforeEach, expect, it, vi } from 'vitest';
import { getConfig, replaceConfig } from '../config';
import { getDb } from '../db/client';
import { findOperator } from './operator';
import { startTestApp } from './test-fixtures';

/** Stands in for the browser's cookies, because `next/headers` works only inside Next's server. */
const cookies = vi.hoisted(() => new Map<string, string>());
vi.mock('next/headers', () => ({
  headers: async () => new Headers(),
  cookies: async () => ({ getAll: () => [...cookies].map(([name, value]) => ({ name, value })) }),
}));

await startTestApp();
const ADDRESS = 'olivia@acme.test';
const { id } = await getDb().user.create({ data: { email: ADDRESS } });

/** Signs in as the user whose address is {@link ADDRESS}. */
async function signIn(verified_email: string | null): Promise<void> {
  const { auth } = getConfig();
  cookies.set(
    'next-auth.session-token',
    await encode({ token: { sub: id, verified_email }, secret: auth.secret }),
  );
}

const setOperators = (...operatorEmails: string[]) => replaceConfig({ ...getConfig(), operatorEmails });

beforeEach(() => {
  cookies.clear();
});

it('finds the operator whose own address is listed and was verified by this sign-in', async () => {
  setOperators('sam@acme.test', ADDRESS);
  await signIn(ADDRESS);
  expect(await findOperator()).toMatchObject({ id, label: ADDRESS });
});

it.each<[who: string, listed: string[], verified: string | null]>([
  ['a user who is not listed', ['sam@acme.test'], ADDRESS],
  ['everybody while nobody is listed', [], ADDRESS],
  ['an operator whose address this sign-in did not verify', [ADDRESS], null],
  ['a user who has verified an operator’s address that is not their own', ['sam@acme.test'], 'sam@acme.test'],
  ['a user whose address has passed to somebody else', [ADDRESS], 'sam@acme.test'],
])('refuses %s', async (_, listed, verified) => {
  setOperators(...listed);
  await signIn(verified);
  expect(await findOperator()).toBeNull();
});

it('sends a signed-out visitor to sign-in, but nobody while there is no operator', async () => {
  setOperators(ADDRESS);
  await expect(findOperator()).rejects.toMatchObject({ digest: expect.stringContaining('/sign-in') });
  setOperators();
  expect(await findOperator()).toBeNull();
});
