import { Email } from '../contract/members';
import { getDb, inTransaction, type Transaction } from '../db/client';
import { query, sql } from '../db/sql';

/** The statements of a provider about an account. */
export type ProviderAccount = {
  provider: string;
  providerAccountId: string;
  /** `null` unless the provider has verified the address. */
  verifiedEmail: string | null;
  name: string | null;
};

/** The states of `/sign-in?error=…` (`SIGN_IN_ERRORS` in sign-in-errors.ts). */
type SignInRefusal = 'EmailNotVerified' | 'AccountExists';

/** Finds the user of a provider's account. @returns `null` if the account has never signed in */
export async function findUserByIdentity(
  provider: string,
  providerAccountId: string,
  db: Pick<Transaction, 'identity'> = getDb(),
): Promise<string | null> {
  const identity = await db.identity.findUnique({
    where: { provider_providerAccountId: { provider, providerAccountId } },
    select: { userId: true },
  });
  return identity?.userId ?? null;
}

/** Finds or creates the user of an email address, and locks the row until commit. */
async function lockUserByEmail(tx: Transaction, email: string, name: string | null): Promise<string> {
  await tx.user.createMany({ data: [{ email, name }], skipDuplicates: true });
  const rows = await query(tx, sql<{ id: string }>`SELECT id FROM users WHERE email = ${email} FOR UPDATE`);
  const row = rows[0];
  if (row === undefined) throw new Error('the user vanished between insert and lock');
  return row.id;
}

/**
 * Decides which user signs in. Provider and the provider's own id identify an account. The email address matters
 * only at the first sign-in:
 *
 * - A known account is its user's, even after a change of its address. The user's row takes a new verified address
 *   that is free.
 * - A new account without a verified address is refused, because invitations are sent to addresses.
 * - A new account with the address of no user creates a user.
 * - A new account with the address of a user who has never signed in by a provider becomes that user's. An operator
 *   named the address in the CLI, and the provider has verified it.
 * - A new account with the address of a user of another account is refused. Addresses are reassigned, and one careless
 *   provider would open every account. So accounts are never merged without their owner.
 */
export async function resolveSignIn(
  account: ProviderAccount,
): Promise<{ userId: string } | { refused: SignInRefusal }> {
  const { provider, providerAccountId } = account;
  const known = await findUserByIdentity(provider, providerAccountId);
  const email = Email.safeParse(account.verifiedEmail);
  if (known !== null) {
    if (email.success) await followEmail(known, email.data);
    return { userId: known };
  }
  if (!email.success) return { refused: 'EmailNotVerified' };

  return inTransaction(async (tx) => {
    const userId = await lockUserByEmail(tx, email.data, account.name);
    // Read under the lock, because the account may have signed in for the first time in another tab.
    const meanwhile = await findUserByIdentity(provider, providerAccountId, tx);
    if (meanwhile !== null) return { userId: meanwhile };
    if ((await tx.identity.count({ where: { userId } })) > 0) return { refused: 'AccountExists' as const };
    await tx.identity.create({ data: { provider, providerAccountId, userId } });
    if (account.name !== null)
      await tx.user.updateMany({ where: { id: userId, name: null }, data: { name: account.name } });
    return { userId };
  });
}

/**
 * Stores the address that the provider verifies now, so that the former address is free for its new holder. Another
 * user's address stays unchanged.
 */
async function followEmail(userId: string, email: string): Promise<void> {
  try {
    await getDb().user.updateMany({ where: { id: userId, NOT: { email } }, data: { email } });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === UNIQUE_VIOLATION)) throw error;
  }
}

/** @see https://www.prisma.io/docs/orm/reference/error-reference#p2002 */
const UNIQUE_VIOLATION = 'P2002';

/** Returns whether this user has ever signed in by a provider, which verified the address at that time only. */
export async function hasSignedIn(tx: Pick<Transaction, 'identity'>, userId: string): Promise<boolean> {
  return (await tx.identity.count({ where: { userId } })) > 0;
}

/** Finds or creates the user of an email address, for the operator's CLI and the dev login. */
export async function findOrCreateUser(tx: Pick<Transaction, 'user'>, email: string): Promise<string> {
  await tx.user.createMany({ data: [{ email }], skipDuplicates: true });
  return (await tx.user.findUniqueOrThrow({ where: { email }, select: { id: true } })).id;
}
