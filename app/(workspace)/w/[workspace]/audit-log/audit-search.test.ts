import { describe, expect, it } from 'vitest';
import { exportHrefs, listHref, parseAuditSearch } from './audit-search';
import { readQueryLine } from './query-line';

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

  it('says that a range is empty if its end is not after its beginning', () => {
    expect(parseAuditSearch({ from: '2026-11-02', to: '2026-11-02' })).toMatchObject({
      query: { from: '2026-11-02T00:00:00.000Z', to: '2026-11-03T00:00:00.000Z' },
      errors: {},
    });
    for (const [from, to] of [
      ['2026-11-02', '2026-11-01'],
      ['2026-11-03', '2026-11-01'],
      ['2026-11-02T10:00', '2026-11-02T10:00'],
      ['2026-11-02T10:00', '2026-11-02T09:59'],
      ['1h', '7d'],
    ] as const)
      expect(parseAuditSearch({ from, to }), `${from} ${to}`).toMatchObject({
        query: null,
        errors: { to: expect.stringContaining('the range is empty') },
      });
  });

  it('reads days and minutes in the zone that the address names, and in UTC without one', () => {
    const address = { from: '2026-11-02', to: '2026-11-02T12:00' };
    expect(queryOf({ ...address, zone: 'Asia/Tokyo' })).toMatchObject({
      from: '2026-11-01T15:00:00.000Z',
      to: '2026-11-02T03:00:00.000Z',
    });
    expect(queryOf({ ...address, zone: 'no/zone' })).toMatchObject({
      from: '2026-11-02T00:00:00.000Z',
      to: '2026-11-02T12:00:00.000Z',
    });
  });

  it('reads an age as a time that moves', () => {
    const now = new Date('2026-11-30T12:00:00Z');
    expect(parseAuditSearch({ from: '7d' }, now).query?.from).toBe('2026-11-23T12:00:00.000Z');
  });

  it('joins the values of a filter that a form sends several times', () => {
    const { filters, query } = parseAuditSearch({
      type: ['github.token_minted', '', 'github.token_denied'],
      actor: ['first', 'second'],
      ip: '-10.0.0.0/8, -192.168.0.0/16',
    });
    expect(filters).toMatchObject({ type: 'github.token_minted,github.token_denied', actor: 'first' });
    expect(query?.ip).toBe('-10.0.0.0/8,-192.168.0.0/16');
  });

  it.each([
    [{ from: 'yesterday' }, 'from'],
    [{ to: '2026-02-30' }, 'to'],
    [{ ip: 'nowhere' }, 'ip'],
    [{ ip: '-' }, 'ip'],
    [{ result: 'maybe' }, 'result'],
    [{ repository: 'api' }, 'repository'],
    [{ installation_id: '1,x' }, 'installation_id'],
    [{ q: 'x'.repeat(201) }, 'q'],
  ])('reports an error for the field that is wrong: %j', (address, field) => {
    const { query, errors } = parseAuditSearch(address);
    expect(query).toBeNull();
    expect(Object.keys(errors)).toEqual([field]);
  });
});

describe('a line of the search field', () => {
  const read = (query: Record<string, string>, zone = 'UTC') => readQueryLine(query, [], zone);

  it('leads to the address of its filters, in the zone of the reader', () => {
    expect(read({ query: 'type:token_denied leaked', order: 'oldest', cursor: 'x' }).address).toEqual({
      type: 'github.token_denied',
      q: 'leaked',
      order: 'oldest',
    });
    expect(read({ query: 'after:2026-11-24' }, 'Asia/Tokyo').address).toEqual({
      from: '2026-11-24',
      zone: 'Asia/Tokyo',
    });
    expect(read({ query: 'after:2026-11-24', zone: 'Europe/Paris' }, 'Asia/Tokyo').address?.zone).toBe(
      'Europe/Paris',
    );
    expect(read({ query: 'leaked' }, 'Asia/Tokyo').address).toEqual({ q: 'leaked' });
  });

  it('resolves a word for a day in the zone of the line', () => {
    const now = new Date('2026-11-30T12:00:00Z');
    const dayOf = (line: Record<string, string>) => readQueryLine(line, [], 'UTC', now).address;
    expect(dayOf({ query: 'on:tuesday' })).toEqual({ from: '2026-11-24', to: '2026-11-24' });
    expect(dayOf({ query: 'on:today', zone: 'Pacific/Kiritimati' })).toEqual({
      from: '2026-12-01',
      to: '2026-12-01',
      zone: 'Pacific/Kiritimati',
    });
  });

  it('leads to the whole log if it was emptied, and nowhere if the address has no line', () => {
    expect(read({ query: ' ' }).address).toEqual({});
    expect(read({ q: 'x' }).address).toBeNull();
  });

  it('is shown again if a part of it is no filter', () => {
    expect(read({ query: 'ip:nowhere leaked' })).toMatchObject({
      address: null,
      text: 'ip:nowhere leaked',
      problems: [{ token: 'ip:nowhere' }],
    });
  });
});
