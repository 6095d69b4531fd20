import { z } from 'zod';

/**
 * Rounds a time up to a whole millisecond. Events are recorded in whole milliseconds, so rounding a filter's limit up
 * doesn't change which events match.
 */
function toDate(text: string): Date {
  const isFiner = /\.\d{3}\d*[1-9]/.test(text);
  return new Date(new Date(text).getTime() + (isFiner ? 1 : 0));
}

/**
 * Converts to UTC, because PostgreSQL rejects an offset of 23 hours. Also rejects the year 0, which PostgreSQL doesn't
 * have.
 */
export const Timestamp = z.iso
  .datetime({ offset: true })
  .transform(toDate)
  .refine((date) => date.getUTCFullYear() >= 1 && date.getUTCFullYear() <= 9999, {
    error: 'must be in the years 1 to 9999',
  })
  .transform((date) => date.toISOString());
