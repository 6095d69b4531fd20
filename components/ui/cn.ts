import { clsx } from 'clsx';

/**
 * Joins class names. Nothing is merged: a component never gets a class that contradicts one of its own, but has a
 * variant for it. That keeps a table of all of Tailwind's classes (9 kB) out of the browser.
 */
export const cn = clsx;
