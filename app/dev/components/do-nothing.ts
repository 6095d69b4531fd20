'use server';

/** Stands in for the actions of the forms on this page. */
export async function doNothing(): Promise<void> {}
