import { describe, expect, it } from 'vitest';
import type { EventFilters } from '../contract/audit-log-href';
import { AUDIT_EVENTS } from '../contract/audit-types';
import { formatQuery, parseQuery } from './query';

const CONNECTIONS = [
  { id: 7, login: 'Acme' },
  { id: 8, login: 'globex' },
  { id: 9, login: 'acme' },
];
/** A Monday. */
const NOW = new Date('2026-11-30T12:00:00Z');
const parse = (text: string, zone = 'UTC') => parseQuery(text, CONNECTIONS, { zone, now: NOW });

const TOKENS = 'github.token_minted,github.token_denied,github.token_revoked,minting.stopped,minting.started';

describe('a query', () => {
  it.each<[string, EventFilters]>([
    ['', {}],
    ['   ', {}],
    ['type:token_minted,token_denied', { type: 'github.token_minted,github.token_denied' }],
    ['TYPE:github.token_minted', { type: 'github.token_minted' }],
    ['type:token_minted type:token_denied', { type: 'github.token_minted,github.token_denied' }],
    ['actor:olivia@acme.test', { actor: 'olivia@acme.test' }],
    ['actor:"nightly build (API key)"', { actor: 'nightly build (API key)' }],
    ['actor:repo:acme/api:ref:refs/heads/main', { actor: 'repo:acme/api:ref:refs/heads/main' }],
    ['repo:acme/api', { repository: 'acme/api' }],
    ['ip:10.1.2.3/8', { ip: '10.0.0.0/8' }],
    ['-ip:10.0.0.0/8', { ip: '-10.0.0.0/8' }],
    ['-ip:10.0.0.0/8,192.168.0.0/16', { ip: '-10.0.0.0/8,-192.168.0.0/16' }],
    ['ip:10.0.0.0/8 -ip:10.1.0.0/16', { ip: '10.0.0.0/8,-10.1.0.0/16' }],
    ['connection:ACME', { installation_id: '7,9' }],
    ['connection:globex,7', { installation_id: '8,7' }],
    ['result:refused', { result: 'refused' }],
    ['after:2026-11-24 before:2026-11-25', { from: '2026-11-24', to: '2026-11-24' }],
    ['after:2026-11-24T09:30 before:2026-11-24T10:00', { from: '2026-11-24T09:30', to: '2026-11-24T10:00' }],
    ['after:7d', { from: '7d' }],
    ['on:2026-11-24', { from: '2026-11-24', to: '2026-11-24' }],
    ['on:tuesday', { from: '2026-11-24', to: '2026-11-24' }],
    ['ON:Today', { from: '2026-11-30', to: '2026-11-30' }],
    ['on:monday', { from: '2026-11-23', to: '2026-11-23' }],
    ['after:yesterday', { from: '2026-11-29' }],
    ['after:sunday before:today', { from: '2026-11-29', to: '2026-11-29' }],
    ['on:today after:7d', { from: '7d', to: '2026-11-30' }],
    ['on:today before:today', { from: '2026-11-30', to: '2026-11-29' }],
    [
      'repo:acme/api on:tuesday -ip:10.0.0.0/8',
      { repository: 'acme/api', from: '2026-11-24', to: '2026-11-24', ip: '-10.0.0.0/8' },
    ],
    ['type:tokens', { type: TOKENS }],
    ['type:tokens,token_minted', { type: TOKENS }],
    ['type:token_minted,workspace.created', { type: 'github.token_minted,workspace.created' }],
    ['a free text', { q: 'a free text' }],
    ['"a  free text"', { q: 'a  free text' }],
    ['"type:token_minted"', { q: 'type:token_minted' }],
    ['https://x.test/y', { q: 'https://x.test/y' }],
    ['sha256:abc constructor:x', { q: 'sha256:abc constructor:x' }],
    ['"a \\"b\\" \\\\"', { q: 'a "b" \\' }],
    ['-minus', { q: '-minus' }],
    ['repo:acme/api leaked -ip:10.0.0.0/8', { repository: 'acme/api', q: 'leaked', ip: '-10.0.0.0/8' }],
  ])('means %s', (text, filters) => {
    expect(parse(text)).toEqual({ filters, problems: [] });
    // Written and read again, it means the same.
    expect(parse(formatQuery(filters, CONNECTIONS))).toEqual({ filters, problems: [] });
  });

  it.each([
    ['type:no_such', 'there is no type no_such'],
    ['ip:nowhere', 'must be an IP address'],
    ['-ip:1.2.3', 'must be an IP address'],
    ['repo:api', 'must be like owner/name'],
    ['connection:initech', 'there is no connection initech'],
    ['result:maybe', 'must be succeeded or refused'],
    ['after:tomorrow', 'must be a day'],
    ['before:2026-02-30', 'must be a day'],
    ['on:7d', 'must be a day like 2026-11-24, today, yesterday or a weekday'],
    ['on:2026-11-24T09:30', 'must be a day'],
    ['on:2026-02-30', 'must be a day'],
    ['-on:today', 'cannot be excluded'],
    ['-actor:olivia', 'cannot be excluded'],
  ])('names the part that is no filter: %s', (text, message) => {
    const { filters, problems } = parse(`${text} leaked`);
    expect(filters).toEqual({ q: 'leaked' });
    expect(problems).toMatchObject([{ token: text, message: expect.stringContaining(message) }]);
  });

  it.each(['"', 'actor:"', 'actor:', ':', '-', '\\', '"\\', `actor:${'"x" '.repeat(500)}`, ' -ip: '])(
    'reads any text without failing: %j',
    (text) => expect(() => parse(text)).not.toThrow(),
  );
});

it.each([
  'x y',
  '"',
  '\\',
  'type:x',
  '-ip:1.2.3.4',
  'a\\"b',
  '" "',
  'actor:"x"',
  'after:7d',
  '  two  spaces ',
])('a text or an actor that looks like a query is written so that it stays one: %j', (text) => {
  expect(parse(formatQuery({ q: text })).filters).toEqual({ q: text });
  expect(parse(formatQuery({ actor: text })).filters).toEqual({ actor: text });
});

it('writes every type so that it is found again', () => {
  for (const type of Object.keys(AUDIT_EVENTS))
    expect(parse(formatQuery({ type })), type).toEqual({ filters: { type }, problems: [] });
});

it('resolves words for days in the zone of the reader, so that the address means the same later', () => {
  expect(parse('on:today', 'Pacific/Kiritimati').filters).toEqual({ from: '2026-12-01', to: '2026-12-01' });
  expect(parse('after:monday', 'Pacific/Kiritimati').filters).toEqual({ from: '2026-11-30' });
});

it.each([
  ['on:2026-11-24', { from: '2026-11-24', to: '2026-11-24' }],
  ['after:2026-11-24 before:2026-11-26', { from: '2026-11-24', to: '2026-11-25' }],
  ['type:tokens', { type: TOKENS }],
  ['type:tokens,created', { type: `workspace.created,${TOKENS}` }],
])('writes the shortest line that means the same: %s', (line, filters) => {
  // `created` alone would be that of an API key, a trust rule or a workspace.
  expect(formatQuery(filters)).toBe(line.replace(',created', ',workspace.created'));
});
