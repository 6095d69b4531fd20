import { FAILURES, shownNotice } from '@/app/notices';
import { firstValue, type Query } from '@/app/request';
import type { PendingApproval } from '@/lib/connect/approvals';
import { CONNECT_OUTCOMES, type ConnectIntent, type ConnectOutcome } from '@/lib/connect/outcomes';
import { isSsoPath } from '@/lib/contract/connect';
import type { Notice } from '@/lib/contract/notice';
import type { InstallationView } from '@/lib/installation/list';
import type { InstallationChoices } from './page-data';

/** Notices about the outcome of actions on this page, and of attempts to connect. */
const GITHUB_NOTICES = {
  ...CONNECT_OUTCOMES,
  ...FAILURES,
  synced: {
    title: 'Synced with GitHub',
    cause: 'The page below is up to date.',
    nextStep: '',
    tone: 'success',
    holdsWhile: 'in_step',
  },
  disconnected: {
    title: 'Disconnected',
    cause:
      'No more tokens are issued. The app is uninstalled on GitHub, or will be as soon as GitHub responds.',
    nextStep: 'Tokens already issued expire within one hour.',
    tone: 'success',
  },
  confirmation: {
    title: 'Nothing was disconnected',
    cause: 'The name you typed doesn’t match the account.',
    nextStep: 'Choose Disconnect again and type the name exactly as shown.',
    tone: 'warning',
  },
  gone: {
    title: 'This installation is no longer connected',
    cause: 'It was disconnected in the meantime, here or on GitHub.',
    nextStep: 'The page below is up to date.',
    tone: 'info',
  },
  sync_failed: {
    title: 'Sync failed',
    cause:
      'GitHub didn’t respond in time, or refused. Nothing changed, and the page below may be out of date.',
    nextStep: 'We’ll keep trying. Check githubstatus.com for incidents.',
    tone: 'warning',
    holdsWhile: 'sync_failing',
  },
  limited: {
    title: 'Too many syncs',
    cause: 'GitHub limits how often we may sync.',
    nextStep: 'Changes on GitHub appear here automatically. Try again in a minute.',
    tone: 'info',
  },
} as const satisfies Record<string, Notice & { holdsWhile?: string }>;

export const GITHUB_PAGE = { path: '/settings/github', notices: GITHUB_NOTICES };

type Shown = Notice & {
  /** Buttons that start connecting again, if that is the next step. */
  actions?: readonly ConnectIntent[];
  /** Shown only while an installation, or a request for one, is in this state. Otherwise, the notice is out of date. */
  holdsWhile?: string;
  /** Path on GitHub's website where the user signs in to the organization by single sign-on. */
  ssoPath?: string;
};

/** The workspace's state as of now. The notice named in the URL may be older, and no longer true. */
type Facts = {
  /** The installations that are in use. */
  live: readonly InstallationView[];
  approvals: readonly PendingApproval[];
  choices: InstallationChoices;
  /** The IP addresses that we call GitHub from. */
  ourAddresses: readonly string[];
};

/** Returns the notice named in the page's URL, or `null` if it no longer applies. */
export function noticeNow(query: Query, facts: Facts): Shown | null {
  const code = answeredBy(firstValue(query.notice), facts.choices);
  const notice = shownNotice<Shown>(GITHUB_NOTICES, { ...query, notice: code });
  if (notice === null) return null;
  if (notice.holdsWhile !== undefined && !statesNow(facts, firstValue(query.of)).has(notice.holdsWhile))
    return null;
  return withParticulars(code, notice, query, facts);
}

/** Adds to a notice what its next step needs: our IP addresses, or the path of GitHub's single sign-on page. */
function withParticulars(code: string | undefined, notice: Shown, query: Query, facts: Facts): Shown {
  if (code === ('ip_allow_list' satisfies ConnectOutcome) && facts.ourAddresses.length > 0)
    return { ...notice, nextStep: `${notice.nextStep} Our addresses: ${facts.ourAddresses.join(', ')}.` };
  const ssoPath = firstValue(query.sso);
  if (code === ('saml_required' satisfies ConnectOutcome) && ssoPath !== undefined && isSsoPath(ssoPath))
    return { ...notice, ssoPath };
  return notice;
}

/** @param of the id of the synced installation. If the URL names none, all installations count. */
function statesNow({ live, approvals }: Facts, of: string | undefined): ReadonlySet<string> {
  // `end_seen`: GitHub currently doesn't return the installation, and its card says so. Leave it out, so that no notice
  // contradicts the card.
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
 * Replaces a notice that asks the user to choose an installation, if there are none to choose from. The replacement
 * says that the attempt has expired, or that GitHub didn't return the installations.
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
