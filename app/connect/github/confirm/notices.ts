import { FAILURES } from '@/app/notices';
import type { ConfirmEnd } from '@/lib/connect/confirm';
import { causeRow, GITHUB_CAUSES, type GitHubCause } from '@/lib/contract/github-causes';
import type { Notice } from '@/lib/contract/notice';

const ENDS = {
  confirmed: {
    title: 'Connected',
    cause: 'The account is connected.',
    nextStep: 'You may close this page.',
    tone: 'success',
  },
  refused: {
    title: 'Not confirmed',
    cause:
      'Your GitHub account does not own this installation and does not administer every repository of it.',
    nextStep: 'Nothing was connected.',
    tone: 'danger',
  },
  expired: {
    title: 'This link no longer works',
    cause: 'It was used, has expired, or was never valid.',
    nextStep: 'Ask for a new one.',
    tone: 'warning',
  },
  cancelled: {
    title: 'Cancelled on GitHub',
    cause: 'Nothing was connected.',
    nextStep: 'Open the link to try again.',
    tone: 'warning',
  },
  in_use: {
    title: 'Connected to another workspace',
    cause: 'An installation belongs to one workspace only.',
    nextStep: 'Disconnect it there first.',
    tone: 'warning',
  },
} as const satisfies Record<ConfirmEnd, Notice>;

/** Notices about the outcome of a confirmation, with one for every reason that GitHub may have to refuse it. */
export const CONFIRM_ENDS: Readonly<Record<string, Notice>> = {
  ...Object.fromEntries(
    (Object.keys(GITHUB_CAUSES) as GitHubCause[]).map((cause) => [cause, refusedBy(cause)]),
  ),
  ...ENDS,
};

function refusedBy(cause: GitHubCause): Notice {
  const { sentence, nextStep } = causeRow(cause);
  return {
    title: 'Not confirmed',
    cause: sentence,
    nextStep: `${nextStep} Nothing was connected. Open the link again to try once more.`,
    tone: 'danger',
  };
}

/** The page to return to after a failure. It shows a notice, and the user can press the button again. */
export const CONFIRM_PAGE = { path: '/connect/github/confirm', notices: FAILURES };
