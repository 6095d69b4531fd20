import { describe, expect, it } from 'vitest';
import { hrefOfFields } from './submit-search';

const PATH = '/w/acme/audit-log';
/** The fields of a page that shows `type:token_minted after:7d`. */
const SHOWN: [name: string, value: string][] = [
  ['query', 'type:token_minted after:7d'],
  ['shown', 'type:token_minted after:7d'],
  ['line_zone', 'UTC'],
  ['local_zone', 'Asia/Tokyo'],
  ['from', '7d'],
  ['order', ''],
  ['type', 'github.token_minted'],
  ['actor', ''],
  ['columns', 'actor'],
  ['columns', 'account'],
  ['columns', 'repositories'],
  ['columns', 'ip'],
  ['local_from', ''],
];
function fieldsOf(changed: Record<string, string | string[]> = {}): FormData {
  const fields = new FormData();
  for (const [name, value] of SHOWN) if (!(name in changed)) fields.append(name, value);
  for (const [name, value] of Object.entries(changed))
    for (const each of [value].flat()) fields.append(name, each);
  return fields;
}
const paramsOf = (href: string) => Object.fromEntries(new URL(href, 'http://localhost').searchParams);

describe('the address of a form whose line was not changed', () => {
  it('is that of its fields', () => {
    expect(hrefOfFields(PATH, fieldsOf(), false)).toBe(`${PATH}?type=github.token_minted&from=7d`);
    const changed = fieldsOf({
      actor: ' mia@acme.test ',
      type: ['tokens', 'member.added'],
      columns: ['ip', 'seq'],
    });
    expect(paramsOf(hrefOfFields(PATH, changed, false))).toEqual({
      type: 'tokens,member.added',
      actor: 'mia@acme.test',
      from: '7d',
      columns: 'ip,seq',
    });
  });

  it('keeps what is typed in other fields when a button sets a period or an order', () => {
    const typed = { repository: 'acme/api', set: 'from=30d&to=&zone=' };
    expect(paramsOf(hrefOfFields(PATH, fieldsOf(typed), false))).toEqual({
      type: 'github.token_minted',
      repository: 'acme/api',
      from: '30d',
    });
    expect(paramsOf(hrefOfFields(PATH, fieldsOf({ set: 'order=oldest' }), false)).order).toBe('oldest');
    expect(paramsOf(hrefOfFields(PATH, fieldsOf({ set: 'from=&to=&zone=' }), false))).toEqual({
      type: 'github.token_minted',
    });
  });

  it('has no parameter that a button must not set', () => {
    const href = hrefOfFields(PATH, fieldsOf({ set: 'evil=1&query=x', type: '', from: '' }), false);
    expect(href).toBe(PATH);
  });
});

it.each([
  ['line', { query: 'leaked' }, false],
  ['emptied line', { query: '' }, false],
  ['time', { local_from: '2026-11-24T09:30' }, true],
] as const)('leaves a typed %s to the server, with all fields and the button', (_, typed, isTimeTyped) => {
  const params = paramsOf(
    hrefOfFields(PATH, fieldsOf({ ...typed, ip: '10.0.0.1', set: 'order=oldest' }), isTimeTyped),
  );
  expect(params).toMatchObject({
    shown: 'type:token_minted after:7d',
    line_zone: 'UTC',
    local_zone: 'Asia/Tokyo',
    type: 'github.token_minted',
    ip: '10.0.0.1',
    set: 'order=oldest',
    ...Object.fromEntries(Object.entries(typed).filter(([, value]) => value !== '')),
  });
  expect(params).not.toHaveProperty('from');
});
