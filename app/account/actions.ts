'use server';

import { cookies } from 'next/headers';
import { z } from 'zod';
import { ZONE_COOKIE } from '@/components/shell/preferences';
import { endAllSessions, endSession } from '@/lib/auth/sessions';
import { getConfig } from '@/lib/config';
import { parseZone } from '@/lib/contract/time-zone';
import { action } from '@/lib/http/action';
import { ACCOUNT_PAGE } from './notices';

/** Ends one of the user's sessions. */
export const endOne = action(
  { access: 'user', page: ACCOUNT_PAGE, input: z.object({ id: z.string().catch('') }) },
  async ({ by, input }) => ({
    notice: (await endSession(by.actor.id, input.id)) ? 'session_ended' : 'gone',
  }),
);

/** Ends all of the user's sessions, this one too. */
export const signOutEverywhere = action(
  { access: 'user', page: ACCOUNT_PAGE, input: z.object({}) },
  async ({ by }) => {
    await endAllSessions(by.actor.id);
    return '/sign-in';
  },
);

const ONE_YEAR_SECONDS = 31_536_000;

/** Keeps the zone that all pages show times in. The script of the audit log reads and sets the same cookie. */
export const setZone = action(
  { access: 'user', page: ACCOUNT_PAGE, input: z.object({ zone: z.string().transform(parseZone) }) },
  async ({ input }) => {
    (await cookies()).set({
      name: ZONE_COOKIE,
      value: input.zone,
      path: '/',
      sameSite: 'lax',
      secure: getConfig().publicUrl.startsWith('https://'),
      maxAge: ONE_YEAR_SECONDS,
    });
    return { notice: 'zone_saved' };
  },
);
