import { expect, expectTypeOf, it } from 'vitest';
import { type AuditFact, readDetails, readFact } from './audit-types';

const MINTED = {
  repositories: [{ id: 7, full_name: 'acme/api' }],
  permissions: { contents: 'read', metadata: 'read' },
  expires_at: '2026-01-31T10:00:00Z',
  hashed_token: '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=',
};

it('rejects missing, unknown and wrongly typed details at compile time', () => {
  const facts: AuditFact[] = [
    { type: 'github.token_minted', details: MINTED },
    { type: 'github.approval_requested' },
    { type: 'github.approval_dismissed', details: { account: 'acme' } },
    // @ts-expect-error a detail is missing
    { type: 'github.token_revoked', details: { hashed_token: 'x' } },
    // @ts-expect-error all details are missing
    { type: 'member.removed' },
    // @ts-expect-error a detail of the wrong type
    { type: 'github.token_denied', details: { reason: 7 } },
    // @ts-expect-error an unknown detail
    { type: 'github.connect_started', details: { intent: 'link', token: 'ghs_secret' } },
    // @ts-expect-error details of another event
    { type: 'api_key.created', details: MINTED },
    // @ts-expect-error an unknown event type
    { type: 'github.token_borrowed', details: {} },
  ];
  expect(facts).toHaveLength(9);
});

it('reads a stored row’s details with their types', () => {
  const details = readDetails('github.token_minted', MINTED);
  expect(details).toEqual(MINTED);
  expectTypeOf(details.hashed_token).toEqualTypeOf<string | undefined>();
  const fact = readFact({ type: 'member.removed', details: { email: 'mia@acme.test', role: 'admin' } });
  expect(fact).toEqual({ type: 'member.removed', details: { email: 'mia@acme.test', role: 'admin' } });
});

it('omits what a row from another version lacks, adds or writes in another form', () => {
  expect(readDetails('github.token_minted', { repositories: 'all', extra: 1 })).toEqual({
    repositories: 'all',
  });
  const other = { repositories: ['acme/api'], permissions: null, expires_at: 7, hashed_token: 'x' };
  expect(readDetails('github.token_minted', other)).toEqual({ hashed_token: 'x' });
  expect(readDetails('api_key.created', { expires_at: null })).toEqual({ expires_at: null });
});

it.each(['constructor', 'github.token_borrowed', ''])('returns no fact for the unknown type "%s"', (type) => {
  expect(readFact({ type, details: MINTED })).toBeNull();
});
