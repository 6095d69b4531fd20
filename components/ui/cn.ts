import { clsx } from 'clsx';

/**
 * Joins class names without resolving conflicts. A caller must not pass a class that contradicts the component's own;
 * give the component a variant instead. Resolving conflicts would put a 9 kB table of Tailwind's classes into the
 * browser.
 */
export const cn = clsx;
