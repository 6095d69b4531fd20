import { z } from 'zod';

const MILLISECONDS = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;
const TEN_YEARS = 3650 * MILLISECONDS.d;

/** Parses a duration such as `90d`, `24h` or `30m` into milliseconds. Allows ten years at most. */
export const Duration = z
  .string()
  .regex(/^\d{1,9}[smhdw]$/, { error: 'must be a whole number and a unit: s, m, h, d or w, for example 90d' })
  .transform((text) => Number(text.slice(0, -1)) * MILLISECONDS[text.slice(-1) as keyof typeof MILLISECONDS])
  .pipe(z.number().max(TEN_YEARS, { error: 'must be ten years at most' }));
