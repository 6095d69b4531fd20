import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeWorkspace, startTestApp, TEST_ORIGIN } from '../auth/test-fixtures';
import type { Json } from '../contract/audit-event';
import { anchorAuditChains } from './anchor';
import { canonicalJson } from './chain';
import { exportAuditEvents, verifyAuditFiles } from './export';
import { readAuditEvents } from './read';
import { recordAuditEventNow } from './record';
import { untyped } from './test-event';
import { verifyAuditChain } from './verify';

await startTestApp();
const folder = mkdtempSync(path.join(tmpdir(), 'audit-export-'));
afterAll(() => rmSync(folder, { recursive: true }));
const fileIn = (name: string) => path.join(folder, name);

const AWKWARD: { [key: string]: Json }[] = [
  {},
  { 'é"\\/': 'tab\t, bell \u0007, delete \u007f, lines \u2028 \n \r\n, 😀', '😀': 1, '\uffff': 2 },
  { b: [1, -5, 0, 9007199254740991, { z: null, a: true, A: false }, []], '10': {}, '9': '' },
];
const LABELS = [
  '\u0001\b\f\u007f\u2028\ud7ff😀 \\ /',
  'engine',
  '=cmd|calc',
  "'=quoted",
  "'",
  '@SUM(A1)',
  'a,b',
  'say "hi"',
  'line\nbreak\r',
  '',
];

let workspaceId: string;
let head: string;
const EVENTS = LABELS.length * AWKWARD.length;
const files = { ndjson: fileIn('whole.ndjson'), csv: fileIn('whole.csv') };

beforeAll(async () => {
  ({ id: workspaceId } = await makeWorkspace());
  for (const label of LABELS)
    for (const [index, details] of AWKWARD.entries())
      await recordAuditEventNow(
        untyped({
          workspaceId,
          type: 'member.added',
          actor: { type: 'user', id: 'u', label },
          origin: { ...TEST_ORIGIN, userAgent: [null, '', '\tagent'][index] ?? null },
          details,
        }),
      );
  head = (await verifyAuditChain(workspaceId)).head_hash;
  for (const format of ['ndjson', 'csv'] as const) {
    let text = '';
    for await (const line of exportAuditEvents(workspaceId, format)) text += line;
    writeFileSync(files[format], text);
  }
});

describe.each(['ndjson', 'csv'] as const)('an exported %s file', (format) => {
  /**
   * Writes a copy of the file with its text changed.
   *
   * @returns the path of the copy
   */
  function changed(change: (text: string) => string): string {
    const file = fileIn(`changed.${format}`);
    writeFileSync(file, change(readFileSync(files[format], 'utf8')));
    return file;
  }
  const end = format === 'csv' ? '\r\n' : '\n';
  /** Writes a copy without the records from `from` up to, but not including, `to`. Record 0 is the first event. */
  const without = (from: number, to: number) =>
    changed((text) => {
      const records = text.split(new RegExp(`(?<=[}0-9a-f])${end}`));
      const header = format === 'csv' ? 1 : 0;
      records.splice(from + header, to - from);
      return records.join(end);
    });

  it('can be verified without the database, whatever its events contain', async () => {
    expect(await verifyAuditFiles([files[format]])).toEqual({ ok: true, events: EVENTS, head_hash: head });
    expect(await verifyAuditFiles([files[format]], { head })).toMatchObject({ ok: true });
  });

  it.each([
    ['a changed word', (text: string) => text.replace('member.added', 'member.gone')],
    ['a changed hash', (text: string) => text.replace(/[0-9a-f]{64}/, 'f'.repeat(64))],
    ['a changed number', (text: string) => text.replace('9007199254740991', '9007199254740990')],
  ])('reveals %s', async (_, change) => {
    expect(await verifyAuditFiles([changed(change)])).toMatchObject({ ok: false });
  });

  it('reveals where a record is missing or invalid', async () => {
    const text = readFileSync(files[format], 'utf8');
    expect(await verifyAuditFiles([changed((all) => `${all}{"seq": "`)])).toMatchObject({
      ok: false,
      first_bad: EVENTS + 1,
    });
    expect(text.endsWith(end)).toBe(true);
    if (format === 'ndjson')
      expect(await verifyAuditFiles([without(1, 2)])).toMatchObject({ ok: false, events: 1, first_bad: 2 });
  });

  it('reveals missing events at its end if the head hash is known', async () => {
    const file = changed((text) => text.slice(0, text.lastIndexOf(end, text.length - 3) + end.length));
    const whole = await verifyAuditFiles([file]);
    if (format === 'ndjson') expect(whole).toMatchObject({ ok: true, events: EVENTS - 1 });
    expect(await verifyAuditFiles([file], { head })).toMatchObject({ ok: false });
  });
});

it('writes each NDJSON line in the canonical form, of which the database writes a part', async () => {
  const lines = readFileSync(files.ndjson, 'utf8').trimEnd().split('\n');
  const events = [];
  for await (const event of readAuditEvents(workspaceId)) events.push(canonicalJson(event));
  expect(lines).toEqual(events);
});

it('reports a filtered export as a broken chain, because events are missing', async () => {
  const file = fileIn('filtered.ndjson');
  let text = '';
  for await (const line of exportAuditEvents(workspaceId, 'ndjson', { actor: 'a,b' })) text += line;
  writeFileSync(file, text);
  expect(text.trimEnd().split('\n')).toHaveLength(AWKWARD.length);
  expect(await verifyAuditFiles([file])).toMatchObject({ ok: false, first_bad: 1 });
});

it('throws for a missing file and does not call it a broken chain', async () => {
  await expect(verifyAuditFiles([fileIn('none')])).rejects.toThrow('ENOENT');
});

describe('the verifiers in docs/audit-chain.md', () => {
  const doc = readFileSync(path.join(import.meta.dirname, '../../docs/audit-chain.md'), 'utf8');
  const hasPython = spawnSync('python3', ['--version']).status === 0;
  const VERIFIERS = [
    { language: 'js', command: process.execPath, file: fileIn('verify.mjs'), present: true },
    { language: 'python', command: 'python3', file: fileIn('verify.py'), present: hasPython },
  ];

  it.each(VERIFIERS)(
    'give the right result in $language for an intact chain and for a broken one',
    (verifier) => {
      const { language, command, file, present } = verifier;
      const code = doc.match(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``))?.[1] ?? '';
      expect(code.trim().split('\n').length).toBeLessThanOrEqual(21);
      if (!present) return;
      writeFileSync(file, code);
      const run = (target: string) =>
        execFileSync(command, [file, target], { encoding: 'utf8', stdio: 'pipe' });
      expect(run(files.ndjson)).toBe(`${EVENTS} events, chain intact, head hash ${head}\n`);
      const broken = fileIn('broken.ndjson');
      writeFileSync(broken, readFileSync(files.ndjson, 'utf8').replace('"say \\"hi\\""', '"say \\"ho\\""'));
      expect(() => run(broken)).toThrow(/broken at event 22/);
    },
  );
});

it('anchors all chains with one digest, which changes with every new event', async () => {
  const first = await anchorAuditChains();
  expect(first).toMatchObject({ chains: 1, events: EVENTS });
  expect((await anchorAuditChains()).digest).toBe(first.digest);
  await recordAuditEventNow(
    untyped({
      workspaceId: (await makeWorkspace()).id,
      type: 'member.added',
      actor: { type: 'user', id: 'u', label: 'u' },
      origin: TEST_ORIGIN,
    }),
  );
  const second = await anchorAuditChains();
  expect(second).toMatchObject({ chains: 2, events: EVENTS + 1 });
  expect(second.digest).not.toBe(first.digest);
});
