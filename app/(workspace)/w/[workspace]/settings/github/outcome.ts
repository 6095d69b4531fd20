import { firstValue } from '@/app/search-params';
import type { Outcome } from '@/components/github/outcome-banner';
import { CONNECT_OUTCOMES, type ConnectIntent, type ConnectOutcome } from '@/lib/connection/outcomes';
import type { InstallationChoices } from './choices';
import { NOTICES } from './notices';

/** `actions`: how to start again, where that is the next step. */
type Shown = Outcome & { actions?: readonly ConnectIntent[]; holdsWhile?: string };

type Query = Record<string, string | string[] | undefined>;

/** What is so now, whatever the address says. */
type Facts = { statuses: readonly string[]; choices: InstallationChoices };

/**
 * How the last attempt to connect ended (`?outcome=`), or the last action on this page (`?notice=`). Only the codes
 * of the two tables say anything, so nobody can put words on this page by a link; and what is not so any more is not
 * said.
 */
export function shownOutcome(query: Query, facts: Facts): (Shown & { awaits: boolean }) | null {
  const code = answeredBy(firstValue(query.outcome), facts.choices);
  const outcome = lookUp(CONNECT_OUTCOMES, code) ?? lookUp(NOTICES, firstValue(query.notice));
  if (outcome === undefined) return null;
  if (outcome.holdsWhile !== undefined && !facts.statuses.includes(outcome.holdsWhile)) return null;
  return { ...outcome, awaits: code === 'awaiting_approval' };
}

/** There is nothing to choose any more, or GitHub does not tell what. */
function answeredBy(code: string | undefined, choices: InstallationChoices): string | undefined {
  if (code !== ('choose_installation' satisfies ConnectOutcome) || choices.installations.length > 0)
    return code;
  return choices.proven === 0
    ? ('expired' satisfies ConnectOutcome)
    : ('github_unavailable' satisfies ConnectOutcome);
}

function lookUp(table: Readonly<Record<string, Shown>>, code: string | undefined): Shown | undefined {
  return code !== undefined && Object.hasOwn(table, code) ? table[code] : undefined;
}
