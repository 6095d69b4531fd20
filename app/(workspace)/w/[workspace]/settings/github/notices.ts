import { FAILURES, shownNotice } from '@/app/notices';
import { firstValue, type Query } from '@/app/request';
import type { PendingApproval } from '@/lib/connect/approvals';
import { CONNECT_OUTCOMES, type ConnectIntent, type ConnectOutcome } from '@/lib/connect/outcomes';
import { isSsoPath } from '@/lib/contract/connect';
import type { Notice } from '@/lib/contract/notice';
import type { InstallationView } from '@/lib/installation/list';
import type { InstallationChoices } from './page-data';

/** The notices about the outcome of an action on this page, or of an attempt to connect. */
const GITHUB_NOTICES = {
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

type Shown = Notice & {
  /** The ways to start connecting again, if that is the next step. */
  actions?: readonly ConnectIntent[];
  /** The notice is shown only while an installation, or a request for an installation, is in this state. */
  holdsWhile?: string;
  /** The page on GitHub's web origin where the reader signs in to the organization. */
  ssoPath?: string;
};

/** The workspace's current state. The notice named in the URL may be out of date. */
type Facts = {
  /** The installations in use. */
  live: readonly InstallationView[];
  approvals: readonly PendingApproval[];
  choices: InstallationChoices;
  /** The IP addresses from which we send requests to GitHub. */
  ourAddresses: readonly string[];
};

/** Returns the notice named in the page's URL, or `null` if the notice no longer applies. */
export function noticeNow(query: Query, facts: Facts): Shown | null {
  const code = answeredBy(firstValue(query.notice), facts.choices);
  const notice = shownNotice<Shown>(GITHUB_NOTICES, { ...query, notice: code });
  if (notice === null) return null;
  if (notice.holdsWhile !== undefined && !statesNow(facts, firstValue(query.of)).has(notice.holdsWhile))
    return null;
  return withParticulars(code, notice, query, facts);
}

/** Adds what the reader needs for the next step: our IP addresses, or the path of GitHub's single sign-on page. */
function withParticulars(code: string | undefined, notice: Shown, query: Query, facts: Facts): Shown {
  if (code === ('ip_allow_list' satisfies ConnectOutcome) && facts.ourAddresses.length > 0)
    return { ...notice, nextStep: `${notice.nextStep} Our addresses: ${facts.ourAddresses.join(', ')}.` };
  const ssoPath = firstValue(query.sso);
  if (code === ('saml_required' satisfies ConnectOutcome) && ssoPath !== undefined && isSsoPath(ssoPath))
    return { ...notice, ssoPath };
  return notice;
}

/** @param of the id of the synced installation; if the URL names none, all installations count */
function statesNow({ live, approvals }: Facts, of: string | undefined): ReadonlySet<string> {
  // While GitHub does not return an installation, its card says so. Leave it out, so that no notice contradicts the
  // card.
  const shown = live.filter(({ sync_error }) => sync_error !== 'end_seen');
  const states = new Set<string>(shown.map(({ status }) => status));
  if (approvals.some(({ approved_installation_id }) => approved_installation_id === null))
    states.add('awaiting_approval');
  const synced = live.filter(({ id }) => of === undefined || of === String(id));
  if (synced.length > 0)
    states.add(synced.some(({ sync_error }) => sync_error !== null) ? 'sync_failing' : 'in_step');
  return states;
}

/**
 * Replaces a notice that asks the reader to choose an installation, if there is nothing to choose from. The new notice
 * says whether the attempt has expired or GitHub did not return the installations.
 */
function answeredBy(code: string | undefined, choices: InstallationChoices): string | undefined {
  const asks: readonly (string | undefined)[] = [
    'choose_installation',
    'confirm_installation',
  ] satisfies ConnectOutcome[];
  if (!asks.includes(code) || choices.installations.length > 0) return code;
  return choices.proven === 0
    ? ('expired' satisfies ConnectOutcome)
    : ('github_unavailable' satisfies ConnectOutcome);
}
