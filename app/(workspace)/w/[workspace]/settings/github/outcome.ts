import { firstValue } from '@/app/search-params';
import type { Outcome } from '@/components/github/outcome-banner';
import { CONNECT_OUTCOMES, type ConnectIntent } from '@/lib/connection/outcomes';
import { NOTICES } from './notices';

/** `actions`: how to start again, where that is the next step. */
type Shown = Outcome & { actions?: readonly ConnectIntent[] };

type Query = Record<string, string | string[] | undefined>;

/**
 * How the last attempt to connect ended (`?outcome=`), or the last action on this page (`?notice=`). Only the codes
 * of the two tables say anything, so nobody can put words on this page by a link.
 */
export function shownOutcome(query: Query): (Shown & { awaits: boolean }) | null {
  const outcome =
    lookUp(CONNECT_OUTCOMES, firstValue(query.outcome)) ?? lookUp(NOTICES, firstValue(query.notice));
  return outcome === undefined
    ? null
    : { ...outcome, awaits: firstValue(query.outcome) === 'awaiting_approval' };
}

function lookUp(table: Readonly<Record<string, Shown>>, code: string | undefined): Shown | undefined {
  return code !== undefined && Object.hasOwn(table, code) ? table[code] : undefined;
}
