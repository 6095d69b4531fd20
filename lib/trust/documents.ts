import { readFile } from 'node:fs/promises';
import path from 'node:path';

/** Documents that the Trust page links to. Their text comes from this version's source tree. */
export const DOCUMENTS = [
  { name: 'claims', title: 'Claims, with their code and tests' },
  { name: 'threat-model', title: 'Threat model' },
  { name: 'audit-chain', title: 'Verify an export of the audit log' },
  { name: 'evidence-pack', title: 'Verify an evidence pack' },
] as const;

export type TrustDocument = (typeof DOCUMENTS)[number];

export function findDocument(name: string): TrustDocument | undefined {
  return DOCUMENTS.find((document) => document.name === name);
}

/** Returns a document's Markdown. `local/app/complete-standalone.mjs` copies the files into the image. */
export function readDocument({ name }: TrustDocument): Promise<string> {
  return readFile(path.join(/* turbopackIgnore: true */ 'docs', `${name}.md`), 'utf8');
}

/**
 * Returns the address of the page that a link within a document leads to; `null` if it leads to a file that has no page.
 *
 * @param link as it is written in the document
 */
export function documentHref(link: string): string | null {
  if (/^(?:#|https?:\/\/)/.test(link)) return link;
  const [, name = '', fragment = ''] = /^([\w-]+)\.md(#.*)?$/.exec(link) ?? [];
  return findDocument(name) === undefined ? null : `/docs/${name}${fragment}`;
}
