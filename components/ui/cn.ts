import { clsx } from 'clsx';

/**
 * Joins class names without merging them. A component never gets a class that contradicts one of its own, but has a
 * variant for it. A table of all Tailwind classes (9 kB) therefore stays out of the browser.
 */
export const cn = clsx;
