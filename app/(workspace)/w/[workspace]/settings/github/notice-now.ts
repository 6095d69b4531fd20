import { shownNotice } from '@/app/notices';
import { firstValue, type Query } from '@/app/search-params';
import type { ConnectedInstallation } from '@/components/github/connection';
import type { Notice } from '@/components/ui/notice';
import type { PendingApproval } from '@/lib/connect/approvals';
import type { ConnectIntent, ConnectOutcome } from '@/lib/connect/outcomes';
import { isSsoPath } from '@/lib/contract/connect';
import type { InstallationChoices } from './choices';
import { GITHUB_NOTICES } from './notices';

type Shown = Notice & {
  /** Ways to start again, where that is the next step. */
  actions?: readonly ConnectIntent[];
  /** The notice is shown only while an installation, or a request for one, is in this state. */
  holdsWhile?: string;
  /** Page on GitHub's web origin where the reader signs in to the organization. */
  ssoPath?: string;
};

/** State of the workspace now, which the address may no longer fit. */
type Facts = {
  /** Installations in use. */
  live: readonly ConnectedInstallation[];
  approvals: readonly PendingApproval[];
  choices: InstallationChoices;
  /** Addresses from which we reach GitHub. */
  ourAddresses: readonly string[];
};

/**
 * Returns the notice in the page's address that still holds: how an attempt to connect ended, or an action on this
 * page.
 */
export function noticeNow(query: Query, facts: Facts): Shown | null {
  const code = answeredBy(firstValue(query.notice), facts.choices);
  const notice = shownNotice<Shown>(GITHUB_NOTICES, { ...query, notice: code });
  if (notice === null) return null;
  if (notice.holdsWhile !== undefined && !statesNow(facts, firstValue(query.of)).has(notice.holdsWhile))
    return null;
  return withParticulars(code, notice, query, facts);
}

/** Adds our addresses, or the path of a sign-on page of GitHub's, where they are the next step. */
function withParticulars(code: string | undefined, notice: Shown, query: Query, facts: Facts): Shown {
  if (code === ('ip_allow_list' satisfies ConnectOutcome) && facts.ourAddresses.length > 0)
    return { ...notice, nextStep: `${notice.nextStep} Our addresses: ${facts.ourAddresses.join(', ')}.` };
  const ssoPath = firstValue(query.sso);
  if (code === ('saml_required' satisfies ConnectOutcome) && ssoPath !== undefined && isSsoPath(ssoPath))
    return { ...notice, ssoPath };
  return notice;
}

/** @param of the installation that a sync was for; all of them where the address does not say */
function statesNow({ live, approvals }: Facts, of: string | undefined): ReadonlySet<string> {
  // While GitHub does not show an installation, its card says so.
  const shown = live.filter(({ sync_error }) => sync_error !== 'end_seen');
  const states = new Set<string>(shown.map(({ status }) => status));
  if (approvals.some(({ approved_installation_id }) => approved_installation_id === null))
    states.add('awaiting_approval');
  const synced = live.filter(({ id }) => of === undefined || of === String(id));
  if (synced.length > 0)
    states.add(synced.some(({ sync_error }) => sync_error !== null) ? 'sync_failing' : 'in_step');
  return states;
}

/** Replaces a question whose choices are gone, or whose choices GitHub does not return. */
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
