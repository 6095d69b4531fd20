'use server';

import { cookies, headers } from 'next/headers';
import { redirect } from 'next/navigation';
import { failureOf } from '@/app/failures';
import { formText } from '@/app/form-text';
import { hrefWith } from '@/app/search-params';
import { acceptConfirmation, beginConfirmation, type ConfirmStep } from '@/lib/connect/confirm';
import { confirmationCookie, readConfirmationCookie } from '@/lib/http/browser-cookie';
import { type RequestContext, requestContext } from '@/lib/http/request-context';
import { enforceRateLimit } from '@/lib/rate-limit/limiter';

/** Leads somebody who opened the link to GitHub, to show who they are. */
export async function begin(form: FormData): Promise<void> {
  const token = formText(form, 'token');
  await go(() => beginConfirmation(token), { token });
}

/** Connects what the page has named, once. */
export async function accept(): Promise<void> {
  const sealed = readConfirmationCookie((await cookies()).getAll());
  await go((origin) => acceptConfirmation(sealed, origin), {});
}

/** @param here what the page shows again after a failure, so that the same button can be pressed once more */
async function go(
  step: (origin: RequestContext) => Promise<ConfirmStep>,
  here: { token?: string },
): Promise<never> {
  const origin = requestContext({ headers: await headers() });
  const next = await enforceRateLimit('connect', origin)
    .then(() => step(origin))
    .catch((error: unknown) =>
      redirect(hrefWith('/connect/github/confirm', { ...here, ...failureOf(error).query })),
    );
  (await cookies()).set(confirmationCookie(next.sealed ?? ''));
  redirect(next.location);
}
