import { Email } from '../contract/members';
import { getDb, inTransaction, type Transaction } from '../db/client';
import { query, sql } from '../db/sql';

/** An account as its provider describes it. */
export type ProviderAccount = {
  provider: string;
  providerAccountId: string;
  /** `null` unless the provider has verified the address. */
  verifiedEmail: string | null;
  name: string | null;
};

/** Codes in `/sign-in?error=…` (`SIGN_IN_ERRORS` in sign-in-errors.ts). */
type SignInRefusal = 'EmailNotVerified' | 'AccountExists';

/** Finds the user who owns a provider's account. @returns `null` if the account has never signed in */
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

/** Finds or creates the user with an email address, and locks the row until commit. */
async function lockUserByEmail(tx: Transaction, email: string, name: string | null): Promise<string> {
  await tx.user.createMany({ data: [{ email, name }], skipDuplicates: true });
  const rows = await query(tx, sql<{ id: string }>`SELECT id FROM users WHERE email = ${email} FOR UPDATE`);
  const row = rows[0];
  if (row === undefined) throw new Error('the user vanished between insert and lock');
  return row.id;
}

/**
 * Decides which user signs in. An account is identified by its provider and the provider's own id. The email address
 * matters only at the first sign-in:
 *
 * - A known account belongs to its user, even if its address changes. A new verified address is stored for the user,
 *   unless another user has it.
 * - A new account without a verified address is rejected, because invitations are sent to addresses.
 * - If no user has the address of a new account, a user is created.
 * - A new account may take over a user who has the same address and has never signed in through a provider. An operator
 *   entered that address in the CLI, and the provider has now verified it.
 * - A new account is rejected if its address belongs to a user with another account. Addresses get reassigned, and one
 *   careless provider could otherwise open every account, so accounts never merge by address alone.
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
    // Look up the account again under the lock, because it may have signed in from another tab meanwhile.
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
 * Stores the address that the provider has now verified, which frees the former address for whoever holds it next. If
 * another user has the new address, nothing changes.
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

/**
 * Returns whether a user has ever signed in through a provider. The email address was verified only at those sign-ins,
 * so it may have passed to somebody else since.
 */
export async function hasSignedIn(tx: Pick<Transaction, 'identity'>, userId: string): Promise<boolean> {
  return (await tx.identity.count({ where: { userId } })) > 0;
}

/** Finds or creates the user with an email address, for the operator's CLI and the dev login. */
export async function findOrCreateUser(tx: Pick<Transaction, 'user'>, email: string): Promise<string> {
  await tx.user.createMany({ data: [{ email }], skipDuplicates: true });
  return (await tx.user.findUniqueOrThrow({ where: { email }, select: { id: true } })).id;
}
