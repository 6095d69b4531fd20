import type { Metadata } from 'next';
import { cookies } from 'next/headers';
import { FAILURES, shownNotice } from '@/app/notices';
import { firstValue, type SearchParams } from '@/app/request';
import { CenteredPage } from '@/components/shell/centered-page';
import { Card } from '@/components/ui/card';
import { Form } from '@/components/ui/form';
import { NoticeBanner } from '@/components/ui/notice';
import { SubmitButton } from '@/components/ui/submit-button';
import { UntrustedText } from '@/components/ui/untrusted-text';
import { readProvenConfirmation } from '@/lib/connect/confirm';
import { readConfirmationCookie } from '@/lib/http/browser-route';
import { hrefWith } from '@/lib/http/href-with';
import { accept, begin } from './actions';
import { CONFIRM_ENDS } from './notices';

export const metadata: Metadata = { title: 'Confirm a GitHub connection', referrer: 'no-referrer' };

/**
 * Asks an owner of a GitHub account to confirm a connection. Anyone might hold the link, so the page reveals nothing
 * until GitHub has identified the user.
 */
export default async function ConfirmPage({ searchParams }: { searchParams: SearchParams }) {
  const query = await searchParams;
  const ended = shownNotice(CONFIRM_ENDS, query);
  const token = firstValue(query.token);
  const kept = readConfirmationCookie((await cookies()).getAll());
  const proven = ended === null && token === undefined ? await readProvenConfirmation(kept) : null;
  const end = ended ?? (proven === null && token === undefined ? CONFIRM_ENDS.expired : undefined);
  const failure = shownNotice(FAILURES, query);
  const here = hrefWith('/connect/github/confirm', { token });
  return (
    <CenteredPage>
      {failure ? (
        <div className="mb-4">
          <NoticeBanner notice={failure} dismissHref={here} />
        </div>
      ) : null}
      {end ? (
        <NoticeBanner notice={end} />
      ) : (
        <Card className="p-6 sm:p-8">
          <h1 className="font-semibold text-xl tracking-tight">Confirm a GitHub connection</h1>
          {proven ? (
            <>
              <p className="wrap-anywhere mt-2 mb-4 text-sm leading-relaxed">
                Connect the GitHub account <Name>{proven.accountLogin}</Name> to the workspace{' '}
                <Name>{proven.workspace.name}</Name>, as <Name>{proven.requester.email}</Name> asked.
              </p>
              <p className="wrap-anywhere mb-6 text-muted text-sm leading-relaxed">
                Its members will be able to read every repository the installation shares. You’re signed in to
                GitHub as <Name>{proven.githubLogin}</Name>.
              </p>
              <Form action={accept}>
                <SubmitButton variant="primary">Connect this account</SubmitButton>
              </Form>
            </>
          ) : (
            <>
              <p className="mt-2 mb-6 text-muted text-sm leading-relaxed">
                You’ve been asked to confirm a connection to a GitHub account you own. Sign in on GitHub to
                see the account, the workspace and the requester before you decide.
              </p>
              <Form action={begin}>
                <input type="hidden" name="token" value={token} />
                <SubmitButton variant="primary">Continue on GitHub</SubmitButton>
              </Form>
            </>
          )}
        </Card>
      )}
    </CenteredPage>
  );
}

function Name({ children }: { children: string }) {
  return <UntrustedText className="font-medium text-foreground">{children}</UntrustedText>;
}
