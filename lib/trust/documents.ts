import { readFile } from 'node:fs/promises';
import path from 'node:path';

/** Documents that the Trust page links to. Their text comes from this version's source tree. */
export const DOCUMENTS = ['claims', 'threat-model', 'audit-chain'] as const;

/** Returns a document's text; `null` if there is no such document. */
export async function readDocument(name: string): Promise<string | null> {
  const known = DOCUMENTS.find((document) => document === name);
  return known === undefined ? null : readFile(path.join('docs', `${known}.md`), 'utf8');
}
