import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { type GitHubLogEntry, readGitHubLog, TooManyEntries } from './github-log';
import { decodeText, TooLargeUnpacked } from './text-file';

const HASH = '+aB3/xYz9uN0Qm7LrT5vWc2dEf8gHi1jKl4mNo6pQs=';
const AT = 1_764_400_000_123;
const LIST = ['one', 'two'].map((id) => ({
  '@timestamp': AT,
  _document_id: id,
  action: 'git.clone',
  actor: 'pulsestream[bot]',
  hashed_token: HASH,
  programmatic_access_type: 'GitHub App server-to-server token',
  installation_id: 7,
  integration_id: 11,
  application_client_id: 'Iv1.0123456789abcdef',
  note: 'é 😀 "quoted"\u2028',
}));
const ENTRIES: GitHubLogEntry[] = ['one', 'two'].map((id) => ({
  id,
  at: new Date(AT).toISOString(),
  actor: 'pulsestream[bot]',
  hashedToken: HASH,
  accessType: 'GitHub App server-to-server token',
  installationId: 7,
  appId: 11,
  clientId: 'Iv1.0123456789abcdef',
}));

const lines = (wrap: (entry: (typeof LIST)[number]) => unknown, between = '\n') =>
  LIST.map((entry) => JSON.stringify(wrap(entry))).join(between);
const cell = (text: unknown) => `"${String(text).replaceAll('"', '""')}"`;

const SHAPES: Record<string, string> = {
  'a JSON array': JSON.stringify(LIST),
  'an indented JSON array': JSON.stringify(LIST, null, 2),
  'one object a line': lines((entry) => entry),
  'one object a line, with CRLF': `${lines((entry) => entry, '\r\n')}\r\n`,
  'Splunk HEC, one event a line': lines((event) => ({
    time: 1_764_400_000.1,
    host: 'github',
    source: 'githubauditlog',
    sourcetype: 'httpevent',
    event,
  })),
  'Splunk HEC, in a batch': lines((event) => ({ time: 1_764_400_000, event }), ''),
  'Splunk HEC, with the event as text': lines((entry) => ({ event: JSON.stringify(entry) })),
  'a search of Splunk': lines((entry) => ({
    preview: false,
    result: { _time: '2025-11-29', _raw: JSON.stringify(entry) },
  })),
  'a search of Splunk as CSV': [
    '_time,_raw,host',
    ...LIST.map((entry) => `x,${cell(JSON.stringify(entry))},h`),
  ].join('\r\n'),
  'Datadog, one log a line': lines((attributes) => ({
    _id: 'A',
    date: '2025-11-29T07:06:40Z',
    service: 'github',
    source: 'github',
    attributes,
  })),
  'Datadog, with content': lines((attributes) => ({
    id: 'A',
    content: { timestamp: '2025-11-29T07:06:40Z', attributes },
  })),
  'Datadog’s API': JSON.stringify({
    data: LIST.map((attributes) => ({
      id: 'A',
      type: 'log',
      attributes: { timestamp: '2025-11-29T07:06:40Z', attributes },
    })),
    meta: {},
  }),
  'Datadog’s CSV': ['Date,Host,Message', ...LIST.map((entry) => `d,h,${cell(JSON.stringify(entry))}`)].join(
    '\n',
  ),
  'Azure’s records': JSON.stringify({ records: LIST }),
  'Elastic’s hits': JSON.stringify({ hits: { hits: LIST.map((_source) => ({ _id: 'A', _source })) } }),
  'Elastic’s GitHub integration, with the original': lines((entry) => ({
    '@timestamp': '2020-01-01T00:00:00.000Z',
    event: { action: entry.action, kind: 'event', original: JSON.stringify(entry) },
    github: { category: 'git' },
    user: { name: entry.actor },
  })),
  'Elastic’s GitHub integration, in its own fields': JSON.stringify({
    hits: {
      hits: LIST.map(({ actor, action, _document_id, ...github }) => ({
        _source: {
          '@timestamp': new Date(AT).toISOString(),
          event: { action, id: _document_id, dataset: 'github.audit' },
          github,
          user: { name: actor },
          related: { user: [actor] },
        },
      })),
    },
  }),
  'a table of Elastic’s integration': [
    [
      '@timestamp,event.id,user.name,github.hashed_token,github.programmatic_access_type',
      'github.installation_id,github.integration_id,github.application_client_id',
    ].join(','),
    ...LIST.map((entry) =>
      [
        new Date(AT).toISOString(),
        entry._document_id,
        entry.actor,
        entry.hashed_token,
        entry.programmatic_access_type,
        entry.installation_id,
        entry.integration_id,
        entry.application_client_id,
      ]
        .map(cell)
        .join(','),
    ),
  ].join('\n'),
  'Log Analytics, one row a line': lines(({ '@timestamp': at, installation_id, ...entry }) => ({
    TimeGenerated: new Date(at).toISOString(),
    Type: 'GitHubAuditLog_CL',
    installation_id_d: installation_id,
    ...Object.fromEntries(Object.entries(entry).map(([name, value]) => [`${name}_s`, value])),
  })),
  'Google’s Cloud Logging': JSON.stringify(
    LIST.map((jsonPayload) => ({ insertId: 'x', timestamp: '2025-11-29T07:06:40Z', jsonPayload })),
  ),
  'CloudWatch’s log events': JSON.stringify({
    logEvents: LIST.map((entry) => ({ timestamp: 1, message: JSON.stringify(entry) })),
  }),
  'CloudTrail Lake': lines((additionalEventData) => ({
    eventTime: '2025-11-29T07:06:40Z',
    eventData: { eventName: 'git.clone', additionalEventData },
  })),
  'Loki’s streams': JSON.stringify({
    streams: [{ stream: { app: 'github' }, values: LIST.map((entry) => ['1', JSON.stringify(entry)]) }],
  }),
  'a container’s log': lines((entry) => ({ log: `${JSON.stringify(entry)}\n`, stream: 'stdout' })),
  'a search of Splunk over REST': JSON.stringify({
    preview: false,
    results: LIST.map((entry) => ({ _raw: JSON.stringify(entry), _time: 'x' })),
  }),
  'GitHub’s CSV': [
    Object.keys(LIST[0] ?? {}).join(','),
    ...LIST.map((entry) => Object.values(entry).map(cell).join(',')),
  ].join('\n'),
};

const utf16be = (text: string) => Buffer.from(text, 'utf16le').swap16();
const ENCODINGS: Record<string, (text: string) => Buffer> = {
  'UTF-8': (text) => Buffer.from(text),
  'UTF-8 with a mark': (text) => Buffer.from(`\uFEFF${text}`),
  'UTF-16 LE with a mark': (text) => Buffer.from(`\uFEFF${text}`, 'utf16le'),
  'UTF-16 BE with a mark': (text) => utf16be(`\uFEFF${text}`),
  'UTF-16 LE without': (text) => Buffer.from(text, 'utf16le'),
  'UTF-16 BE without': utf16be,
};
const PACKINGS: Record<string, (bytes: Buffer) => Buffer> = {
  plain: (bytes) => bytes,
  gzipped: (bytes) => gzipSync(bytes),
  'gzipped in two members': (bytes) =>
    Buffer.concat([gzipSync(bytes.subarray(0, 9)), gzipSync(bytes.subarray(9))]),
  'gzipped twice': (bytes) => gzipSync(gzipSync(bytes)),
};

/** Yields the bytes in small pieces. The first piece is a single byte. */
async function* inPieces(bytes: Buffer): AsyncGenerator<Uint8Array> {
  yield bytes.subarray(0, 1);
  for (let at = 1; at < bytes.length; at += 61) yield bytes.subarray(at, at + 61);
}

async function read(files: Buffer[], most?: number, bytes?: number): Promise<GitHubLogEntry[]> {
  const entries: GitHubLogEntry[] = [];
  for await (const entry of readGitHubLog(
    files.map((file) => decodeText(inPieces(file), bytes)),
    most === undefined ? {} : { most },
  ))
    entries.push(entry);
  return entries;
}

describe.each(Object.entries(SHAPES))('GitHub’s log as %s', (_, text) => {
  it.each(Object.entries(ENCODINGS))('is read in %s, compressed or not', async (_name, encode) => {
    for (const pack of Object.values(PACKINGS)) expect(await read([pack(encode(text))])).toEqual(ENTRIES);
  });
});

describe('several files', () => {
  it('form one log even if their formats differ, and a duplicate entry counts once', async () => {
    const [array = '', hec = ''] = [SHAPES['a JSON array'], SHAPES['Splunk HEC, in a batch']];
    expect(await read([Buffer.from(array), gzipSync(hec), Buffer.from(array, 'utf16le')])).toEqual(ENTRIES);
  });

  it('share one limit on the number of entries', async () => {
    const file = Buffer.from(JSON.stringify([{ action: 'a' }, { action: 'b' }]));
    await expect(read([file, file], 3)).rejects.toThrow(TooManyEntries);
  });
});

it('takes the time from the wrapper if the entry has none', async () => {
  const entry = { action: 'git.clone', actor: 'a' };
  const at = async (wrapped: unknown) => (await read([Buffer.from(JSON.stringify(wrapped))]))[0]?.at;
  expect(await at({ time: 1_764_400_000.5, event: entry })).toBe('2025-11-29T07:06:40.500Z');
  expect(await at({ date: '2025-11-29T07:06:40Z', attributes: entry })).toBe('2025-11-29T07:06:40.000Z');
  expect(await at({ time: 'nonsense', event: entry })).toBeNull();
  expect(await at({ time: 1e300, event: entry })).toBeNull();
});

describe('a file that is unsafe or unreadable', () => {
  it('is rejected while it is being unpacked if it unpacks to too much', async () => {
    const bomb = gzipSync(Buffer.alloc(50_000_000, ' '));
    await expect(read([bomb])).rejects.toThrow(TooLargeUnpacked);
    await expect(read([gzipSync(bomb)])).rejects.toThrow(TooLargeUnpacked);
    await expect(read([gzipSync(Buffer.alloc(2000, ' '))], 1, 1000)).rejects.toThrow(TooLargeUnpacked);
  });

  it.each([
    ['compressed and truncated', gzipSync(JSON.stringify(LIST)).subarray(0, 40)],
    [
      'compressed and damaged',
      Buffer.concat([gzipSync(JSON.stringify(LIST)).subarray(0, 30), Buffer.alloc(60, 255)]),
    ],
    ['not text', Buffer.from([0xc3, 0x28, 0xa0, 0xa1, 0xe2])],
    ['not a log', Buffer.from('PK\u0003\u0004')],
  ])('is rejected if it is %s', async (_, file) => {
    await expect(read([file])).rejects.toThrow();
  });
});
