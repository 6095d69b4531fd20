import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { captureOutput } from './capture-output';
import { createLog } from './log';
import { REDACTED } from './redact';
import { safeLine } from './safe-line';

const SECRET = `ghs_${'a1B2'.repeat(9)}`;

function linesOf(write: (log: ReturnType<typeof createLog>) => void): string[] {
  const lines: string[] = [];
  write(createLog('trace', (line) => lines.push(line)));
  return lines;
}

describe('a line of the log', () => {
  it('writes every log line as one JSON object, whatever the line contains', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (path, message) => {
        const lines = linesOf((log) => log.error({ path, err: new Error(message) }, message));
        expect(lines).toHaveLength(1);
        expect(lines[0]?.match(/[\n\r\u2028\u2029\u0085]/g)).toEqual(['\n']);
        expect(() => JSON.parse(lines[0] ?? '')).not.toThrow();
      }),
    );
  });

  it.each([
    ['an ANSI escape', '\u001b[2J\u001b]0;title\u0007'],
    ['a C1 control', '\u009b2J'],
    ['line separators', '\u2028{"level":"fatal"}\u2029\u0085'],
    ['text from right to left', '\u202e\u2066\u200f'],
    ['invisible text', '\u200b\ufeff\u2060\u00ad\u180e'],
    ['a mark of direction', '\u061c'],
  ])('escapes %s, and keeps its meaning', (_, text) => {
    const [line = ''] = linesOf((log) => log.info({ path: text }, text));
    expect(line.trimEnd()).toMatch(/^[\u0020-\u007e]+$/);
    expect(JSON.parse(line)).toMatchObject({ path: text, msg: text });
  });

  it('limits a line’s length, and blanks credentials before it cuts the line', () => {
    const long = 'x'.repeat(4_090) + SECRET + 'y'.repeat(20_000);
    const [line = ''] = linesOf((log) => log.info({ path: long, list: Array(300).fill(long) }, 'msg'));
    expect(line.length).toBeLessThan(20_000);
    expect(line).not.toContain(SECRET.slice(0, 12));
    expect(JSON.parse(line)).toMatchObject({ level: 'info', msg: 'msg' });
  });

  it.each<[string, number, object]>([
    ['names', 100_000, Object.fromEntries(Array.from({ length: 50_000 }, (_, n) => [`name${n}`, '']))],
    ['empty values', 70_000, { list: Array(200_000).fill('') }],
    ['numbers', 70_000, { list: Array(200_000).fill(1) }],
    ['a name', 1_000, { ['n'.repeat(200_000)]: 1 }],
    [
      'long values',
      17_500,
      Object.fromEntries(Array.from({ length: 5 }, (_, n) => [`v${n}`, 'x'.repeat(4_000)])),
    ],
  ])('limits a line’s length when a value is endless: %s', (_, most, fields) => {
    const [line = ''] = linesOf((log) => log.info(fields, 'msg'));
    expect(JSON.parse(line)).toMatchObject({ msg: 'msg' });
    // The line exceeds the budget: it counts a short value as one character, although quotes and a comma are printed
    // with it.
    expect(line.length).toBeLessThan(most);
  });

  it('cuts each value of a long line, and replaces a line that is not JSON', () => {
    const [line = ''] = linesOf((log) =>
      log.info({ path: 'x'.repeat(16_000), other: 'y'.repeat(400) }, 'msg'),
    );
    const { path, other } = JSON.parse(line);
    expect([path.length < 4_200, other]).toEqual([true, 'y'.repeat(400)]);
    expect(JSON.parse(safeLine('x'.repeat(20_000)))).toMatchObject({ level: 'error' });
  });

  it.each(['\n', '%0A', '%2F', 'x', '_', '"', '%22'])('contains no credential that follows %j', (before) => {
    const bearer = `Bearer%20${'k'.repeat(40)}`;
    const key = '-----BEGIN%20RSA%20PRIVATE%20KEY-----MIIE-----END%20RSA%20PRIVATE%20KEY-----';
    for (const secret of [
      SECRET,
      `psk_live_${'k'.repeat(38)}`,
      bearer,
      key,
      'LS0tLS1CRUdJTiBSU0EgUFJJVkFURSBLRVk=',
    ])
      expect(linesOf((log) => log.info({ path: before + secret }, 'msg'))[0]).toContain(REDACTED);
  });
});

describe('captureOutput', () => {
  it('sends each write by other code to the log as one line, and prints nothing else', () => {
    const seen: [string, string][] = [];
    const stop = captureOutput((source, text) => seen.push([source, text]));
    try {
      process.stdout.write('one\n{"level":"info","msg":"audit chain head"}\n');
      process.stderr.write(Buffer.from('two'));
    } finally {
      stop();
    }
    expect(seen).toEqual([
      ['stdout', 'one\n{"level":"info","msg":"audit chain head"}\n'],
      ['stderr', 'two'],
    ]);
  });

  it.each([
    ['that ends', 'console.log("a\\n{\\"msg\\":\\"audit chain head\\"}"); console.error("b\\u2028")', 0],
    ['that fails', 'throw new Error("broken\\n{}")', 1],
  ])('prints JSON from a process that exits %s before its log exists', (_, script, status) => {
    const run = spawnSync(
      process.execPath,
      ['--import', './lib/observability/hold-output.mjs', '--input-type=commonjs', '-e', script],
      { encoding: 'utf8' },
    );
    expect([run.status, run.stderr]).toEqual([status, '']);
    const lines = run.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.length).toBeGreaterThan(0);
    for (const line of lines) expect(Object.keys(line)).toEqual(['level', 'time', 'source', 'msg']);
  });
});
