import { readFile } from 'node:fs/promises';
import path from 'node:path';

/** Documents that the Trust page links to. Their text comes from this version's source tree. */
export const DOCUMENTS = [
  { name: 'claims', title: 'Claims, with their code and tests' },
  { name: 'threat-model', title: 'Threat model' },
  { name: 'audit-chain', title: 'Verify an export of the audit log' },
] as const;

/** Returns a document's text; `null` if there is no such document. */
export async function readDocument(name: string): Promise<string | null> {
  const known = DOCUMENTS.find((document) => document.name === name);
  return known === undefined ? null : readFile(path.join('docs', `${known.name}.md`), 'utf8');
}
