import { readFile } from 'node:fs/promises';
import path from 'node:path';

/** Documents of this version that the Trust page links to. */
export const DOCUMENTS = ['claims', 'threat-model', 'audit-chain'] as const;

/** @returns `null` when there is no such document */
export async function readDocument(name: string): Promise<string | null> {
  const known = DOCUMENTS.find((document) => document === name);
  return known === undefined ? null : readFile(path.join('docs', `${known}.md`), 'utf8');
}
