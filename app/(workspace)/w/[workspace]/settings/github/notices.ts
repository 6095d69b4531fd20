import { FAILURES } from '@/app/notices';
import type { Notice } from '@/components/ui/notice';
import { CONNECT_OUTCOMES } from '@/lib/connect/outcomes';

/** Tells how an action on this page ended, or an attempt to connect. */
export const GITHUB_NOTICES = {
  ...CONNECT_OUTCOMES,
  ...FAILURES,
  synced: {
    title: 'In step with GitHub',
    cause: 'What you see below is what GitHub answered.',
    nextStep: '',
    tone: 'success',
    holdsWhile: 'in_step',
  },
  disconnected: {
    title: 'Disconnected',
    cause:
      'No token can be issued any more. The App is uninstalled on GitHub too, or will be as soon as GitHub answers.',
    nextStep: 'A token that was issued before can work until it expires, at most one hour from now.',
    tone: 'success',
  },
  confirmation: {
    title: 'Nothing was disconnected',
    cause: 'The name that was typed is not the name of the account.',
    nextStep: 'Choose Disconnect again and type the name exactly as it is shown.',
    tone: 'warning',
  },
  gone: {
    title: 'This installation is not here any more',
    cause: 'It was disconnected meanwhile, here or on GitHub.',
    nextStep: 'What you see below is up to date.',
    tone: 'info',
  },
  sync_failed: {
    title: 'The sync did not succeed',
    cause:
      'GitHub did not answer in time, or refused. Nothing was changed; what you see below may be out of date.',
    nextStep: 'We keep trying. githubstatus.com says whether GitHub has an incident.',
    tone: 'warning',
    holdsWhile: 'sync_failing',
  },
  limited: {
    title: 'Synced often enough',
    cause: 'GitHub was asked many times within the last minute, and limits how often it may be.',
    nextStep: 'Changes on GitHub show here by themselves. In a minute, you can ask again.',
    tone: 'info',
  },
} as const satisfies Record<string, Notice & { holdsWhile?: string }>;

export const GITHUB_PAGE = { path: '/settings/github', notices: GITHUB_NOTICES };
