import { z } from 'zod';

/** A parameter of the list's URL, which reads it again. */
const Kept = z.string().max(1000).nullable().catch(null);

/** The hidden fields with the query parameters that lead back to the same page of a list. */
export const KEPT_FIELDS = { q: Kept, sort: Kept, order: Kept, cursor: Kept };

/** Their names, for the option `keep` of an action. */
export const KEPT_NAMES = Object.keys(KEPT_FIELDS);
