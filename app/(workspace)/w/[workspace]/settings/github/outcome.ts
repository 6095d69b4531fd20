import { firstValue } from '@/app/search-params';
import { shownNotice } from '@/app/shown-notice';
import type { ConnectedInstallation } from '@/components/github/connection';
import type { Outcome } from '@/components/github/outcome-banner';
import type { PendingApproval } from '@/lib/connect/approvals';
import { CONNECT_OUTCOMES, type ConnectIntent, type ConnectOutcome } from '@/lib/connect/outcomes';
import { isSsoPath } from '@/lib/contract/connect';
import type { InstallationChoices } from './choices';
import { NOTICES } from './notices';

/** `actions`: how to start again, where that is the next step. */
type Shown = Outcome & {
  actions?: readonly ConnectIntent[];
  holdsWhile?: string;
  /** Where the reader signs in to the organization, on GitHub's web origin. */
  ssoPath?: string;
};

type Query = Record<string, string | string[] | undefined>;

/** What is so now, whatever the address says. */
type Facts = {
  /** Those in use. */
  live: readonly ConnectedInstallation[];
  approvals: readonly PendingApproval[];
  choices: InstallationChoices;
  /** From where we reach GitHub. */
  ourAddresses: readonly string[];
};

/**
 * How the last attempt to connect ended (`?outcome=`), or the last action on this page (`?notice=`). Only the codes
 * of the two tables say anything, so nobody can put words on this page by a link; and what is not so any more is not
 * said.
 */
export function shownOutcome(query: Query, facts: Facts): Shown | null {
  const code = answeredBy(firstValue(query.outcome), facts.choices);
  const outcome = lookUp(CONNECT_OUTCOMES, code) ?? shownNotice<Shown>(NOTICES, query);
  if (outcome === null) return null;
  if (outcome.holdsWhile !== undefined && !statesNow(facts, firstValue(query.of)).has(outcome.holdsWhile))
    return null;
  return withParticulars(code, outcome, query, facts);
}

/** What the configuration adds, and a path that leads nowhere but to a sign-on page of GitHub's. */
function withParticulars(code: string | undefined, outcome: Shown, query: Query, facts: Facts): Shown {
  if (code === ('ip_allow_list' satisfies ConnectOutcome) && facts.ourAddresses.length > 0)
    return { ...outcome, nextStep: `${outcome.nextStep} Our addresses: ${facts.ourAddresses.join(', ')}.` };
  const ssoPath = firstValue(query.sso);
  if (code === ('saml_required' satisfies ConnectOutcome) && ssoPath !== undefined && isSsoPath(ssoPath))
    return { ...outcome, ssoPath };
  return outcome;
}

/** @param of the installation that a sync was for; of every one where the address does not say */
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

/** There is nothing to choose any more, or GitHub does not tell what. */
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

function lookUp(table: Readonly<Record<string, Shown>>, code: string | undefined): Shown | undefined {
  return code !== undefined && Object.hasOwn(table, code) ? table[code] : undefined;
}
