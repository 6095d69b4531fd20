/** Actions on several rows of a list, which the list's page asks about first. */
import { z } from 'zod';
import { firstValue, type Query } from '@/app/request';
import type { Notice } from '@/lib/contract/notice';
import { MAX_SELECTED, SelectedIds } from '@/lib/contract/selection';
import { KEPT_FIELDS } from './kept-fields';

/** The fields of a dialog that asks about several rows, with the query parameters that lead back to the list. */
export const SeveralFields = z.object({ id: SelectedIds, confirmed: z.string().optional(), ...KEPT_FIELDS });

/** Notices about a selection that is not revoked. Each page's table that lets rows be selected includes them. */
export const SELECTION_NOTICES = {
  unconfirmed: {
    title: 'Nothing was revoked',
    cause: 'It wasn’t confirmed.',
    nextStep: 'Choose Revoke below, and confirm it.',
    tone: 'warning',
  },
  none_left: {
    title: 'Nothing to revoke',
    cause: 'None of the selected rows can be revoked any longer.',
    nextStep: 'The list below is up to date.',
    tone: 'info',
  },
  too_many_selected: {
    title: 'Nothing was revoked',
    cause: `At most ${MAX_SELECTED} rows can be revoked together.`,
    nextStep: 'Select fewer, and revoke the rest afterwards.',
    tone: 'warning',
  },
} as const satisfies Record<string, Notice>;

type Asked<Row> = { selected: Row[]; notice: Notice | null };

/**
 * Reads which rows the page's URL asks to revoke.
 *
 * @param find returns those that can be revoked
 * @returns the rows for the dialog; or, without any, a notice that says why there is no dialog
 */
export async function readAsked<Row>(
  query: Query,
  find: (ids: readonly string[]) => Promise<Row[]>,
): Promise<Asked<Row>> {
  if (firstValue(query.ask) !== 'revoke') return { selected: [], notice: null };
  const { success, data } = SelectedIds.safeParse(query.id);
  if (!success) return { selected: [], notice: SELECTION_NOTICES.too_many_selected };
  const selected = await find(data);
  return { selected, notice: selected.length === 0 ? SELECTION_NOTICES.none_left : null };
}
