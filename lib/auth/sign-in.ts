import { Email } from '../contract/members';
import { getDb, inTransaction, type Transaction } from '../db/client';
import { query, sql } from '../db/sql';

/** An account as reported by its provider. */
export type ProviderAccount = {
  provider: string;
  providerAccountId: string;
  /** `null` unless the provider has verified the address. */
  verifiedEmail: string | null;
  name: string | null;
};

/** Error codes for `/sign-in?error=…`. Their messages are in sign-in-errors.ts. */
type SignInRefusal = 'EmailNotVerified' | 'AccountExists';

/**
 * Finds the user linked to a provider account.
 *
 * @returns the user's id, or `null` if the account has never signed in
 */
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

/** Finds or creates the user with this email address, and locks the row until commit. */
async function lockUserByEmail(tx: Transaction, email: string, name: string | null): Promise<string> {
  await tx.user.createMany({ data: [{ email, name }], skipDuplicates: true });
  const rows = await query(tx, sql<{ id: string }>`SELECT id FROM users WHERE email = ${email} FOR UPDATE`);
  const row = rows[0];
  if (row === undefined) throw new Error('the user vanished between insert and lock');
  return row.id;
}

/**
 * Decides which user signs in. An account is identified by its provider and by the provider's own id for it. The email
 * address matters only the first time an account signs in:
 *
 * - A known account always belongs to the same user, even if its address changes. A new verified address is stored for
 *   that user, unless it belongs to another user.
 * - A new account without a verified address is rejected, because invitations are sent to addresses.
 * - If no user has the new account's address, a user is created.
 * - A new account may take over a user who has the same address but has never signed in through a provider. That
 *   address was entered by an operator in the CLI, and now the provider has verified it.
 * - If the address belongs to a user who already has another account, the new account is rejected. Addresses get
 *   reassigned, and one careless provider could otherwise give access to every account. So accounts are never merged by
 *   address alone.
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
    // Look up the account again under the lock, because it may have just signed in from another tab.
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
 * Stores the newly verified address, which frees the user's old address for its next holder. If another user already
 * has the new address, changes nothing.
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
 * True if the user has ever signed in through a provider; false if never. Their email address was last verified at
 * sign-in, so it may belong to somebody else by now.
 */
export async function hasSignedIn(tx: Pick<Transaction, 'identity'>, userId: string): Promise<boolean> {
  return (await tx.identity.count({ where: { userId } })) > 0;
}

/** Finds or creates the user with this email address, for the operator's CLI and the dev login. */
export async function findOrCreateUser(tx: Pick<Transaction, 'user'>, email: string): Promise<string> {
  await tx.user.createMany({ data: [{ email }], skipDuplicates: true });
  return (await tx.user.findUniqueOrThrow({ where: { email }, select: { id: true } })).id;
}
