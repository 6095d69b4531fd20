import { z } from 'zod';

/** The most rows that one action takes. A page of a list has fewer. */
export const MAX_SELECTED = 100;

/**
 * The ids of the rows that a form or URL selects, each once. Text that is not an id is ignored.
 *
 * @returns at most {@link MAX_SELECTED} ids; more are refused, because the action would leave out some of them
 */
export const SelectedIds = z
  .preprocess((sent) => [sent ?? []].flat(), z.array(z.unknown()))
  .transform((ids) => [...new Set(ids.flatMap((id) => z.uuid().safeParse(id).data?.toLowerCase() ?? []))])
  .refine((ids) => ids.length <= MAX_SELECTED, { error: `must be at most ${MAX_SELECTED}` });

/** The ids in a URL, or none if there are too many. */
export const selectedIds = (sent: unknown): string[] => SelectedIds.safeParse(sent).data ?? [];

/** The outcome of an action on several rows. Rows of other workspaces count nowhere. */
export type Revoked = {
  revoked: number;
  /** Rows that somebody had revoked before. */
  already: number;
};
