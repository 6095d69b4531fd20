import type { Metadata } from 'next';
import { redirect } from 'next/navigation';
import { currentTheme, firstValue, type SearchParams } from '@/app/request';
import { setTheme } from '@/app/theme';
import { CenteredPage } from '@/components/shell/centered-page';
import { ThemeSwitch } from '@/components/shell/theme-switch';
import { SignInCard, type SignInProvider } from '@/components/sign-in/sign-in-card';
import { Alert } from '@/components/ui/alert';
import { currentUser } from '@/lib/auth/current-user';
import { safeReturnTo } from '@/lib/auth/return-to';
import { describeSignInError } from '@/lib/auth/sign-in-errors';
import { type Config, getConfig } from '@/lib/config';
import { COOKIE_CHECK, requireCsrfToken } from '../csrf';

export const metadata: Metadata = { title: 'Sign in' };

export default async function SignInPage({ searchParams }: { searchParams: SearchParams }) {
  const query = await searchParams;
  const config = getConfig();
  const callbackUrl = returnPath(firstValue(query.callbackUrl), config.publicUrl);
  const error = firstValue(query.error);

  if (await currentUser()) redirect(callbackUrl);
  const csrfToken = await requireCsrfToken(callbackUrl, error === COOKIE_CHECK);

  return (
    <CenteredPage
      footer={
        <div className="flex flex-wrap items-center justify-center gap-x-5 gap-y-3">
          <a href="/trust" className="underline underline-offset-4 hover:text-foreground">
            How we handle your code
          </a>
          <ThemeSwitch current={await currentTheme()} action={setTheme} />
        </div>
      }
    >
      {csrfToken === null ? (
        <Alert tone="warning" title="Signing in needs cookies">
          Allow cookies for this site, then reload the page. We set only what keeps you signed in.
        </Alert>
      ) : (
        <SignInCard
          providers={configuredProviders(config)}
          devLogin={config.auth.devLogin}
          csrfToken={csrfToken}
          callbackUrl={callbackUrl}
          error={error === undefined || error === COOKIE_CHECK ? null : describeSignInError(error)}
        />
      )}
    </CenteredPage>
  );
}

/**
 * Returns the path to open after sign-in. next-auth passes an absolute URL here. To prevent open redirects, a URL on
 * another site becomes `/`.
 */
function returnPath(value: string | undefined, publicUrl: string): string {
  const { origin } = new URL(publicUrl);
  return safeReturnTo(value?.startsWith(`${origin}/`) ? value.slice(origin.length) : value);
}

function configuredProviders({ auth }: Config): SignInProvider[] {
  return [
    ...(auth.github ? [{ id: 'github', name: 'GitHub' } as const] : []),
    ...(auth.google ? [{ id: 'google', name: 'Google' } as const] : []),
    ...(auth.oidc ? [{ id: 'oidc', name: auth.oidc.name } as const] : []),
  ];
}
