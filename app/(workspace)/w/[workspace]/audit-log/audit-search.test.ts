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

/** A Monday. */
const NOW = new Date('2026-11-30T12:00:00Z');
const read = (query: Record<string, string | string[]>, zone = 'UTC') => {
  const line = readQueryLine(
    query,
    [{ id: 7, account: { id: 70, login: 'acme', type: 'Organization' } }],
    zone,
    NOW,
  );
  if (line === null) throw new Error('no line');
  const { address, ...more } = line;
  return { ...more, address: Object.fromEntries(Object.entries(address).filter(([, value]) => value)) };
};

describe('a line of the search field', () => {
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
    expect(read({ query: 'after:2026-11-24', zone: 'Europe/Paris' }, 'Asia/Tokyo').address.zone).toBe(
      'Europe/Paris',
    );
    expect(read({ query: 'leaked' }, 'Asia/Tokyo').address).toEqual({ q: 'leaked' });
  });

  it('leads to the whole log if it was emptied, and nowhere if the address has no line', () => {
    expect(read({ query: ' ' }).address).toEqual({});
    expect(readQueryLine({ q: 'x' }, [], 'UTC')).toBeNull();
  });

  it('is shown again if a part of it is no filter, with the parts that are', () => {
    expect(read({ query: 'ip:nowhere leaked' })).toMatchObject({
      address: { q: 'leaked' },
      text: 'ip:nowhere leaked',
      problems: [{ token: 'ip:nowhere' }],
    });
  });

  it('resolves a word for a day in the zone of the line', () => {
    expect(read({ query: 'on:tuesday' }).address).toEqual({ from: '2026-11-24', to: '2026-11-24' });
    expect(read({ query: 'on:today', line_zone: 'Pacific/Kiritimati' }, 'UTC').address).toEqual({
      from: '2026-12-01',
      to: '2026-12-01',
      zone: 'Pacific/Kiritimati',
    });
  });
});

describe('the form of the search', () => {
  /** The fields of a page that shows `type:token_minted after:2026-11-24`, to a reader in Tokyo. */
  const SHOWN = {
    query: 'type:token_minted after:2026-11-24',
    shown: 'type:token_minted after:2026-11-24',
    line_zone: 'UTC',
    local_zone: 'Asia/Tokyo',
    type: 'github.token_minted',
    actor: '',
    installation_id: '',
    repository: '',
    ip: '',
    result: '',
    from: '2026-11-24',
    local_from: '2026-11-24T09:00',
    local_to: '',
    columns: ['actor', 'account', 'repositories', 'ip'],
  };
  const BEFORE = { type: 'github.token_minted', from: '2026-11-24' };
  const sent = (changed: Record<string, string | string[]> = {}) => read({ ...SHOWN, ...changed });

  it('leads to the same address if nothing was changed', () => {
    expect(sent()).toMatchObject({ address: BEFORE, problems: [] });
    expect(sent().address).toEqual(BEFORE);
  });

  it.each<[string, Record<string, string | string[]>, Record<string, string>]>([
    ['a field', { repository: 'acme/api' }, { ...BEFORE, repository: 'acme/api' }],
    ['a line', { query: `${SHOWN.query} leaked` }, { ...BEFORE, q: 'leaked' }],
    [
      'a field and a line',
      { repository: 'acme/api', query: `${SHOWN.query} ip:10.0.0.1` },
      { ...BEFORE, repository: 'acme/api', ip: '10.0.0.1' },
    ],
    [
      'a field and a period',
      { repository: 'acme/api', set: 'from=7d&to=&zone=' },
      {
        type: 'github.token_minted',
        repository: 'acme/api',
        from: '7d',
      },
    ],
    [
      'a line and a period',
      { query: 'repo:acme/api', set: 'from=7d&to=&zone=' },
      { repository: 'acme/api', from: '7d' },
    ],
    ['a line and an order', { query: 'leaked', set: 'order=oldest' }, { q: 'leaked', order: 'oldest' }],
    [
      'a line and no period',
      { set: 'from=&to=&zone=', actor: 'mia' },
      { type: 'github.token_minted', actor: 'mia' },
    ],
    [
      'a bar of the chart',
      { actor: 'mia', set: 'from=2026-11-25&to=2026-11-25&zone=Asia%2FTokyo' },
      {
        type: 'github.token_minted',
        actor: 'mia',
        from: '2026-11-25',
        to: '2026-11-25',
        zone: 'Asia/Tokyo',
      },
    ],
    [
      'a whole group',
      { type: ['tokens', 'member.added'] },
      {
        ...BEFORE,
        type: 'github.token_minted,github.token_denied,github.token_revoked,minting.stopped,minting.started,member.added',
      },
    ],
    ['columns', { columns: ['ip', 'seq'] }, { ...BEFORE, columns: 'ip,seq' }],
    ['an unticked type', { type: '' }, { from: '2026-11-24' }],
    [
      'a time',
      { local_to: '2026-11-25T12:00' },
      {
        type: 'github.token_minted',
        from: '2026-11-24T09:00',
        to: '2026-11-25T12:00',
        zone: 'Asia/Tokyo',
      },
    ],
    ['the same in the line and in a field', { query: 'actor:olivia', actor: 'mia' }, { actor: 'olivia' }],
    [
      'a time in the line and in a field',
      { query: 'on:tuesday', local_to: '2026-11-25T12:00' },
      {
        from: '2026-11-24',
        to: '2026-11-24',
      },
    ],
  ])('loses nothing of %s', (_, changed, address) => {
    expect(sent(changed)).toMatchObject({ problems: [] });
    expect(sent(changed).address).toEqual(address);
  });

  it('keeps an age when the other end of the period is chosen', () => {
    const aged = { query: 'after:7d', shown: 'after:7d', type: '', local_from: '' };
    expect(sent({ ...aged, local_to: '2026-11-29T00:00' }).address).toEqual({
      from: '7d',
      to: '2026-11-29T00:00',
      zone: 'Asia/Tokyo',
    });
  });

  it('takes a mistake of the line as mended if its field or a button was used instead', () => {
    const wrong = { query: 'ip:nowhere', shown: 'ip:nowhere', type: '', local_from: '' };
    expect(sent({ ...wrong, ip: '10.0.0.1' })).toMatchObject({ address: { ip: '10.0.0.1' }, problems: [] });
    expect(sent({ ...wrong, ip: 'nowhere' }).problems).toMatchObject([{ token: 'ip:nowhere' }]);
    const old = { query: 'after:never', shown: 'after:never', type: '', local_from: '' };
    expect(sent(old).problems).toHaveLength(1);
    expect(sent({ ...old, set: 'from=&to=&zone=' })).toMatchObject({ address: {}, problems: [] });
  });

  it('keeps the fields and the button beside a line with a mistake', () => {
    expect(sent({ query: 'ip:nowhere', repository: 'acme/api', set: 'from=7d&to=&zone=' })).toMatchObject({
      address: { repository: 'acme/api', from: '7d' },
      text: 'ip:nowhere',
      shown: SHOWN.shown,
      problems: [{ token: 'ip:nowhere' }],
    });
  });

  it('sets nothing that a button must not set', () => {
    expect(sent({ set: 'cursor=x&event=1&evil=1&columns=seq' }).address).toEqual(BEFORE);
  });
});
