'use server';

import { cookies, headers } from 'next/headers';
import { redirect } from 'next/navigation';
import { formText } from '@/app/form-text';
import { acceptConfirmation, beginConfirmation, type ConfirmStep } from '@/lib/connection/confirm';
import { confirmationCookie, readConfirmationCookie } from '@/lib/http/browser-cookie';
import { enforceRateLimit } from '@/lib/http/rate-limit';
import { requestContext } from '@/lib/http/request-context';

/** Leads somebody who opened the link to GitHub, to show who they are. */
export async function begin(form: FormData): Promise<void> {
  await limited();
  await go(await beginConfirmation(formText(form, 'token')));
}

/** Connects what the page has named, once. */
export async function accept(): Promise<void> {
  const origin = await limited();
  await go(await acceptConfirmation(readConfirmationCookie((await cookies()).getAll()), origin));
}

async function limited() {
  const context = requestContext({ headers: await headers() });
  await enforceRateLimit('connect', context);
  return context;
}

async function go({ location, sealed }: ConfirmStep): Promise<never> {
  (await cookies()).set(confirmationCookie(sealed ?? ''));
  redirect(location);
}
