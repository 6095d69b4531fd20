import { z } from 'zod';

/**
 * The most rows that one page lists for selection, and that one action takes. A URL with all their ids has fewer than
 * the 8,000 bytes that every server accepts (RFC 9112, section 3).
 */
export const MAX_SELECTED = 150;

/**
 * The ids of the rows that a form or URL selects, each once. Text that is not an id is ignored.
 *
 * @returns at most {@link MAX_SELECTED} ids; more are refused, because the action would leave out some of them
 */
export const SelectedIds = z
  .preprocess((sent) => [sent ?? []].flat(), z.array(z.unknown()))
  .transform((ids) => [...new Set(ids.flatMap((id) => z.uuid().safeParse(id).data?.toLowerCase() ?? []))])
  .refine((ids) => ids.length <= MAX_SELECTED, { error: `must be at most ${MAX_SELECTED}` });

/** The outcome of an action on several rows. Rows of other workspaces count nowhere. */
export type Revoked = {
  revoked: number;
  /** Rows that had ended before. */
  already: number;
};
