import { z } from 'zod';
import { Email } from '../../lib/contract/members';
import { getDb } from '../../lib/db/client';
import { eraseUser, planUserErasure } from '../../lib/workspace/erase-user';
import { command, operator, UsageError } from '../command';

export const userErase = command({
  summary: 'Erase a user: account, memberships, invitations and connect attempts; prints what is kept',
  usage: '--email x@acme.test [--dry-run]',
  options: z.strictObject({ email: Email, 'dry-run': z.boolean().default(false) }),
  async run({ email, 'dry-run': isDryRun }) {
    const user = await getDb().user.findUnique({ where: { email }, select: { id: true, email: true } });
    if (user === null) throw new UsageError('there is no user with this email');
    const erasure = isDryRun ? await planUserErasure(user) : await eraseUser(user, operator());
    return { dry_run: isDryRun, ...erasure };
  },
});
