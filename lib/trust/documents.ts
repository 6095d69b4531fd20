import { readFile } from 'node:fs/promises';
import path from 'node:path';

/** What a customer may want to read beside the Trust page, of this very version. */
export const DOCUMENTS = ['claims', 'threat-model', 'audit-chain'] as const;

/** @returns `null` when there is no such document */
export async function readDocument(name: string): Promise<string | null> {
  const known = DOCUMENTS.find((document) => document === name);
  return known === undefined ? null : readFile(path.join('docs', `${known}.md`), 'utf8');
}
