import { clsx } from 'clsx';

/**
 * Joins class names without resolving conflicts between them. Callers never pass a class that contradicts the
 * component's own, but use a variant instead. This spares the browser a table of all Tailwind classes (9 kB).
 */
export const cn = clsx;
