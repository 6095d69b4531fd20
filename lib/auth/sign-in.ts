import { Email } from '../contract/members';
import { getDb, inTransaction, type Transaction } from '../db/client';

/** What a provider vouches for. */
export type ProviderAccount = {
  provider: string;
  providerAccountId: string;
  /** `null` unless the provider says that it has verified it. */
  verifiedEmail: string | null;
  name: string | null;
};

/** Page states of `/sign-in?error=…` (`SIGN_IN_ERRORS` in sign-in-errors.ts). */
type SignInRefusal = 'EmailNotVerified' | 'AccountExists';

/** @returns our id of the user behind a provider's account, if it has signed in before */
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

/** Finds or creates the user of an e-mail, and locks the row until commit. */
async function lockUserByEmail(tx: Transaction, email: string, name: string | null): Promise<string> {
  await tx.user.createMany({ data: [{ email, name }], skipDuplicates: true });
  const rows = await tx.$queryRaw<{ id: string }[]>`SELECT id FROM users WHERE email = ${email} FOR UPDATE`;
  const row = rows[0];
  if (row === undefined) throw new Error('the user vanished between insert and lock');
  return row.id;
}

/**
 * Decides whose account a sign-in is. Accounts are matched by provider and the provider's own id; an e-mail
 * matters only the first time:
 *
 * - known account → its user, whatever its e-mail is by now; the user's row follows a new verified one that is free;
 * - new account without a verified e-mail → refused: invitations are addressed to e-mails, so nobody may claim one;
 * - new account, nobody has that e-mail → new user;
 * - new account, a user has that e-mail who has never signed in by a provider (an operator created them with the
 *   CLI) → that user, because the provider has verified the e-mail that the operator named;
 * - new account, a user with that e-mail already signs in by another account → refused. Two providers that both call
 *   an address verified need not mean the same person (addresses are reassigned, and one careless provider would
 *   open every account), so accounts are never joined behind their owner's back.
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
    // Under the lock: the same account may have signed in for the first time in another tab.
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
 * Takes over the address that the provider verifies now, so that the former one is free for its new holder. An address
 * that is another user's stays theirs.
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

/** Whether somebody has signed in as this user by a provider, which verified the address at that time and not now. */
export async function hasSignedIn(tx: Pick<Transaction, 'identity'>, userId: string): Promise<boolean> {
  return (await tx.identity.count({ where: { userId } })) > 0;
}

/** For the operator's CLI and dev login: the user of an e-mail, created when there is none. */
export async function findOrCreateUser(tx: Pick<Transaction, 'user'>, email: string): Promise<string> {
  await tx.user.createMany({ data: [{ email }], skipDuplicates: true });
  return (await tx.user.findUniqueOrThrow({ where: { email }, select: { id: true } })).id;
}
