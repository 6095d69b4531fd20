import { describe, expect, it } from 'vitest';
import { exportHrefs, listHref, parseAuditSearch } from './audit-search';

const queryOf = (address: Record<string, string>) => {
  const { query } = parseAuditSearch(address);
  if (query === null) throw new Error('not understood');
  return query;
};

describe('the address of the audit log', () => {
  it('hides tokens for syncs, unless the address requests them or names an actor', () => {
    expect(queryOf({}).syncs).toBe('hide');
    expect(queryOf({ type: 'github.token_minted' }).syncs).toBe('hide');
    expect(queryOf({ syncs: 'show' }).syncs).toBeUndefined();
    expect(queryOf({ actor: 'GitHub sync' }).syncs).toBeUndefined();
    expect(queryOf({ actor: 'GitHub sync', syncs: 'hide' }).syncs).toBe('hide');
    expect(queryOf({ syncs: 'nonsense' }).syncs).toBe('hide');
    expect(listHref('acme', queryOf({}))).toContain('syncs=hide');
  });

  it('exports the whole, verifiable log without filters, and the filtered list with filters', () => {
    const hrefs = (address: Record<string, string>) => exportHrefs('acme', parseAuditSearch(address))?.ndjson;
    expect(hrefs({})).toBe('/api/v1/workspaces/acme/audit-events?format=ndjson');
    expect(hrefs({ q: 'api' })).toContain('syncs=hide');
    expect(hrefs({ q: 'api', syncs: 'show' })).not.toContain('syncs');
  });

  it('reports an error for the end field if the end is before the beginning', () => {
    expect(parseAuditSearch({ from: '2026-11-02', to: '2026-11-02' })).toMatchObject({
      query: {},
      errors: {},
    });
    for (const from of ['2026-11-02', '2026-11-03'])
      expect(parseAuditSearch({ from, to: '2026-11-01' })).toMatchObject({
        query: null,
        errors: { to: 'must not be before "From"' },
      });
  });
});
