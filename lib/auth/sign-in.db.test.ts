import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { getDb } from '../db/client';
import { findOrCreateUser, findUserByIdentity, type ProviderAccount, resolveSignIn } from './sign-in';
import { makeUser, startTestApp } from './test-fixtures';

await startTestApp();

function account(changes: Partial<ProviderAccount> = {}): ProviderAccount {
  return {
    provider: 'github',
    providerAccountId: randomUUID(),
    verifiedEmail: `${randomUUID()}@acme.test`,
    name: 'Ada',
    ...changes,
  };
}

async function signIn(from: ProviderAccount): Promise<string> {
  const result = await resolveSignIn(from);
  if ('refused' in result) throw new Error(result.refused);
  return result.userId;
}

describe('a first sign-in', () => {
  it('creates a user with the verified email address in lower case', async () => {
    const email = `${randomUUID()}@Acme.Test`;
    const userId = await signIn(account({ verifiedEmail: email }));
    expect(await getDb().user.findUniqueOrThrow({ where: { id: userId } })).toMatchObject({
      email: email.toLowerCase(),
      name: 'Ada',
    });
  });

  it.each([null, '', 'nonsense'])(
    'rejects a first sign-in with %j for a verified email address, and leaves nothing behind',
    async (verifiedEmail) => {
      const from = account({ verifiedEmail });
      const before = await getDb().user.count();
      expect(await resolveSignIn(from)).toEqual({ refused: 'EmailNotVerified' });
      expect(await getDb().user.count()).toBe(before);
      expect(await findUserByIdentity(from.provider, from.providerAccountId)).toBeNull();
    },
  );

  it('rejects an address that equals a user’s only after lower-casing', async () => {
    const email = `mike.${randomUUID()}@acme.test`;
    const userId = await findOrCreateUser(getDb(), email);
    const from = account({ verifiedEmail: email.replace('k', '\u212a') });
    expect(await resolveSignIn(from)).toEqual({ refused: 'EmailNotVerified' });
    expect(await getDb().identity.count({ where: { userId } })).toBe(0);
  });

  it('signs in as the user whom an operator created with this email address', async () => {
    const from = account();
    const userId = await findOrCreateUser(getDb(), from.verifiedEmail ?? '');
    expect(await signIn(from)).toBe(userId);
  });

  it('does not merge with another account, although both email addresses are verified', async () => {
    const first = account();
    const userId = await signIn(first);
    for (const provider of ['google', 'github'])
      expect(await resolveSignIn({ ...first, provider, providerAccountId: randomUUID() })).toEqual({
        refused: 'AccountExists',
      });
    expect(await getDb().identity.count({ where: { userId } })).toBe(1);
  });
});

describe('a later sign-in', () => {
  it('finds the user by the account, even after its email address changed', async () => {
    const first = account();
    const userId = await signIn(first);
    const victim = await makeUser();
    const stored = async () => (await getDb().user.findUniqueOrThrow({ where: { id: userId } })).email;
    const newer = `${randomUUID()}@acme.test`;
    expect(await signIn({ ...first, verifiedEmail: newer })).toBe(userId);
    expect(await stored()).toBe(newer);
    // Neither an unverified address nor one that belongs to another user is stored.
    for (const verifiedEmail of [null, victim.label]) {
      expect(await signIn({ ...first, verifiedEmail })).toBe(userId);
      expect(await stored()).toBe(newer);
    }
    expect(await getDb().user.findUniqueOrThrow({ where: { id: victim.id } })).toMatchObject({
      email: victim.label,
    });
  });

  it('releases the former address, so its new holder can sign in with it', async () => {
    const first = account();
    const former = await signIn(first);
    const holder = { ...account(), verifiedEmail: first.verifiedEmail };
    await signIn({ ...first, verifiedEmail: `${randomUUID()}@acme.test` });
    expect(await signIn(holder)).not.toBe(former);
  });

  it('does not mistake the same account id at another provider for the same person', async () => {
    const first = account();
    const userId = await signIn(first);
    const other = { ...first, provider: 'google', verifiedEmail: `${randomUUID()}@acme.test` };
    expect(await signIn(other)).not.toBe(userId);
  });
});

describe('concurrent first sign-ins', () => {
  it('creates one user when one account signs in for the first time in several tabs', async () => {
    const from = account();
    const ids = await Promise.all(Array.from({ length: 8 }, () => signIn(from)));
    expect(new Set(ids).size).toBe(1);
    expect(await getDb().identity.count({ where: { userId: ids[0] ?? '' } })).toBe(1);
  });

  it('gives the user to one of several accounts with the same email address, and rejects the others', async () => {
    const verifiedEmail = `${randomUUID()}@acme.test`;
    const userId = await findOrCreateUser(getDb(), verifiedEmail);
    const results = await Promise.all(
      ['github', 'google', 'oidc'].map((provider) => resolveSignIn(account({ provider, verifiedEmail }))),
    );
    expect(results.filter((result) => 'userId' in result)).toEqual([{ userId }]);
    expect(results.filter((result) => 'refused' in result)).toEqual([
      { refused: 'AccountExists' },
      { refused: 'AccountExists' },
    ]);
  });
});
