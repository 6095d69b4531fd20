import { clsx } from 'clsx';

/**
 * Joins class names without resolving conflicts between them. Callers must not pass a class that contradicts the
 * component's own, but use a variant. Resolving conflicts would take a table of all Tailwind classes (9 kB) in the
 * browser.
 */
export const cn = clsx;
