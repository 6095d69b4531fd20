'use server';

import type { CompareState } from '@/components/audit-log/comparison';

/** Stands in for the actions of the forms on this page. */
export async function doNothing(): Promise<void> {}

export async function compareNothing(): Promise<CompareState> {
  return { comparison: null, problem: null };
}
