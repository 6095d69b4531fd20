import type { Metadata } from 'next';
import { cookies } from 'next/headers';
import { FAILURES } from '@/app/failures';
import { firstValue, hrefWith, type SearchParams } from '@/app/search-params';
import { shownNotice } from '@/app/shown-notice';
import { OutcomeBanner } from '@/components/github/outcome-banner';
import { CenteredPage } from '@/components/shell/centered-page';
import { Alert } from '@/components/ui/alert';
import { Card } from '@/components/ui/card';
import { SubmitButton } from '@/components/ui/submit-button';
import { UntrustedText } from '@/components/ui/untrusted-text';
import { type ConfirmEnd, readProvenConfirmation } from '@/lib/connect/confirm';
import { causeRow, isGitHubCause } from '@/lib/contract/github-causes';
import { readConfirmationCookie } from '@/lib/http/browser-cookie';
import { accept, begin } from './actions';

export const metadata: Metadata = { title: 'Confirm a GitHub connection', referrer: 'no-referrer' };

const ENDS = {
  confirmed: {
    tone: 'success',
    title: 'Connected',
    text: 'The account is connected. You may close this page.',
  },
  refused: {
    tone: 'danger',
    title: 'Not confirmed',
    text: 'Your GitHub account does not own this installation and does not administer every repository of it. Nothing was connected.',
  },
  expired: {
    tone: 'warning',
    title: 'This link no longer works',
    text: 'It was used, has expired, or was never valid. Ask for a new one.',
  },
  cancelled: {
    tone: 'warning',
    title: 'Cancelled on GitHub',
    text: 'Nothing was connected. Open the link to try again.',
  },
  in_use: {
    tone: 'warning',
    title: 'Connected to another workspace',
    text: 'An installation belongs to one workspace only. Disconnect it there first.',
  },
} as const satisfies Record<ConfirmEnd, object>;

function endOf(code: string | undefined) {
  if (code === undefined) return undefined;
  if (Object.hasOwn(ENDS, code)) return ENDS[code as ConfirmEnd];
  if (!isGitHubCause(code)) return undefined;
  const { sentence, nextStep } = causeRow(code);
  const text = `${sentence} ${nextStep} Nothing was connected. Open the link again to try once more.`;
  return { tone: 'danger', title: 'Not confirmed', text } as const;
}

/** Somebody here asked an owner on GitHub to confirm a connection. Nothing is told before GitHub shows who that is. */
export default async function ConfirmPage({ searchParams }: { searchParams: SearchParams }) {
  const query = await searchParams;
  const ended = endOf(firstValue(query.outcome));
  const token = firstValue(query.token);
  const kept = readConfirmationCookie((await cookies()).getAll());
  const proven = ended === undefined && token === undefined ? await readProvenConfirmation(kept) : null;
  const shown = ended ?? (proven === null && token === undefined ? ENDS.expired : undefined);
  const failure = ended === undefined ? shownNotice(FAILURES, query) : null;
  const here = hrefWith('/connect/github/confirm', { token });
  return (
    <CenteredPage>
      {failure ? (
        <div className="mb-4">
          <OutcomeBanner outcome={failure} dismissHref={here} />
        </div>
      ) : null}
      {shown ? (
        <Alert live tone={shown.tone} title={shown.title}>
          {shown.text}
        </Alert>
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
                Its people will read the code of every repository that the installation shares. GitHub knows
                you as <Name>{proven.githubLogin}</Name>.
              </p>
              <form action={accept}>
                <SubmitButton variant="primary">Connect this account</SubmitButton>
              </form>
            </>
          ) : (
            <>
              <p className="mt-2 mb-6 text-muted text-sm leading-relaxed">
                Somebody asks you to confirm a connection to a GitHub account that you own. Sign in on GitHub
                to see the account, the workspace and who asks. You then decide.
              </p>
              <form action={begin}>
                <input type="hidden" name="token" value={token} />
                <SubmitButton variant="primary">Continue on GitHub</SubmitButton>
              </form>
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
