'use server';

import { cookies } from 'next/headers';
import { z } from 'zod';
import { acceptConfirmation, beginConfirmation, type ConfirmStep } from '@/lib/connect/confirm';
import { action } from '@/lib/http/action';
import { confirmationCookie, readConfirmationCookie } from '@/lib/http/browser-route';
import { CONFIRM_PAGE } from './notices';

const SPEC = { access: 'public', limits: { address: 'connect' }, page: CONFIRM_PAGE } as const;

/**
 * Redirects to GitHub, which identifies the person who opened the link. The link isn't used up, so it still works if
 * this fails.
 */
export const begin = action(
  { ...SPEC, input: z.object({ token: z.string().catch('') }), keep: ['token'] },
  async ({ input }) => follow(await beginConfirmation(input.token)),
);

/** Connects the account named on the page. Works only once per link. */
export const accept = action({ ...SPEC, input: z.object({}) }, async ({ by }) => {
  const sealed = readConfirmationCookie((await cookies()).getAll());
  return follow(await acceptConfirmation(sealed, by.origin));
});

async function follow({ location, sealed }: ConfirmStep): Promise<string> {
  (await cookies()).set(confirmationCookie(sealed ?? ''));
  return location;
}
