import { z } from 'zod';
import { SelectedIds } from '@/lib/contract/selection';

/** A parameter of the list's URL, which reads it again. */
const Kept = z.string().max(1000).nullable().catch(null);

/** The fields of a dialog that asks about several rows, with the query parameters that lead back to the list. */
export const SeveralFields = z.object({
  id: SelectedIds,
  confirmed: z.string().optional(),
  sort: Kept,
  order: Kept,
  cursor: Kept,
});
