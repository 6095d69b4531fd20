/** People who are signed in already, in workspaces that exist already. */
import type { BrowserContext } from '@playwright/test';
import { encode } from 'next-auth/jwt';
import { admin, appEnvironment, unique } from './fixtures';

export interface Person {
  id: string;
  email: string;
  slug: string;
}

/** An owner of a new workspace, made in the CLI. */
export async function newOwner(name = 'Acme', env = appEnvironment()): Promise<Person> {
  const slug = unique('acme');
  const email = `${slug}@acme.test`;
  const { owner_user_id: id } = await admin<{ owner_user_id: string }>(
    ['workspace:create', '--slug', slug, '--name', name, '--owner', email],
    env,
  );
  return { id, email, slug };
}

/** Puts a session into the browser, as next-auth would after a sign-in. */
export async function signInAs(
  context: BrowserContext,
  { id }: Pick<Person, 'id'>,
  env = appEnvironment(),
): Promise<void> {
  const secret = env.NEXTAUTH_SECRET ?? '';
  const value = await encode({ token: { sub: id }, secret });
  await context.addCookies([
    { name: 'next-auth.session-token', value, url: env.NEXTAUTH_URL ?? '', httpOnly: true, sameSite: 'Lax' },
  ]);
}

/** Somebody else in the same workspace. */
export async function newMember(
  slug: string,
  role: 'owner' | 'admin' | 'member',
  env = appEnvironment(),
): Promise<Person> {
  const email = `${unique(role)}@acme.test`;
  const { user_id: id } = await admin<{ user_id: string }>(
    ['member:add', '--workspace', slug, '--email', email, '--role', role],
    env,
  );
  return { id, email, slug };
}
