import { expect, it } from 'vitest';
import { DOCUMENTS, documentHref, findDocument, readDocument } from './documents';

it('leads from a document to its parts, to other documents and to other sites, and to nothing else', () => {
  for (const [link, href] of [
    ['#anchors', '#anchors'],
    ['claims.md', '/docs/claims'],
    ['claims.md#c02', '/docs/claims#c02'],
    ['https://example.com/a', 'https://example.com/a'],
    ['operations.md', null],
    ['../SECURITY.md', null],
    ['decisions/0004-audit-canonical-form.md', null],
    ['javascript:alert(1)', null],
    ['//example.com', null],
    ['/sign-out', null],
  ])
    expect([link, documentHref(link ?? '')]).toEqual([link, href]);
});

it('reads every document, and finds no other', async () => {
  for (const document of DOCUMENTS) expect(await readDocument(document)).toMatch(/^# \S/);
  for (const name of ['operations', '../package', 'constructor', ''])
    expect(findDocument(name)).toBeUndefined();
});
