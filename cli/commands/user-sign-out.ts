import { z } from 'zod';
import { endAllSessions } from '../../lib/auth/sessions';
import { Email } from '../../lib/contract/members';
import { getDb } from '../../lib/db/client';
import { command, UsageError } from '../command';

export const userSignOut = command({
  summary: 'End all sessions of a user, and every user token issued until now; memberships stay',
  usage: '--email x@acme.test',
  options: z.strictObject({ email: Email }),
  async run({ email }) {
    const user = await getDb().user.findUnique({ where: { email }, select: { id: true } });
    if (user === null) throw new UsageError('there is no user with this email');
    return { user_id: user.id, sessions_ended: await endAllSessions(user.id) };
  },
});
