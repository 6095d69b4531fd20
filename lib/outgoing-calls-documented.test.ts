import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';

const FOLDERS = ['app', 'cli', 'components', 'lib', 'prisma'];
const IS_NOT_SHIPPED = /\.test\.tsx?$|\/test-[^/]+$|^lib\/(?:db\/generated|testing)\//;

/** Ways to open a connection. A comment or a type import opens none. */
const CLIENTS: Record<string, RegExp> = {
  undici: /from 'undici'/,
  'fetch of Node': /(?<![.\w'`])fetch\(/,
  'http and https': /\b(?:request|get)\b[^;]*from 'node:https?'/,
  sockets: /from 'node:(?:http2|tls|dgram)'|\b(?:connect|createConnection)\b[^;]*from 'node:net'/,
  'lookups of names': /from 'node:dns/,
  'the AWS SDK': /import\('@aws-sdk\/|^(?:import (?!type)|export )[^;]*from '@aws-sdk\//m,
  PostgreSQL: /\b(?:Client|Pool)\b(?<!type (?:Client|Pool))[^;]*from 'pg'|import pg from 'pg'/,
  Redis: /\bRedis\b[^;]*from '(?:ioredis|@upstash\/redis)'/,
  'the OpenID client of next-auth': /httpOptions:/,
  OpenTelemetry: /from '@opentelemetry\/exporter/,
  browsers: /new (?:WebSocket|EventSource|XMLHttpRequest)\b/,
};

/** Files that match without calling another host, each with its reason. */
const NO_OTHER_HOST: Record<string, string> = {
  'components/shell/use-found.ts': 'a browser, to this app',
  'components/ui/live-refresh.tsx': 'a browser, to this app',
  'components/audit-log/complete-query.ts': 'a browser, to this app',
  'components/audit-log/download-export.ts': 'a browser, to this app',
  'components/audit-log/count-new-events.ts': 'a browser, to this app',
};

function sources(): string[] {
  return FOLDERS.flatMap((folder) =>
    readdirSync(folder, { recursive: true })
      .map((name) => path.posix.join(folder, String(name)))
      .filter((file) => /\.(?:ts|tsx|mjs)$/.test(file) && !IS_NOT_SHIPPED.test(file)),
  ).concat('instrumentation.ts', 'proxy.ts');
}

/** Removes comments, type imports and examples for readers. */
function code(file: string): string {
  return readFileSync(file, 'utf8')
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/(^|\s)\/\/ .*$/gm, '')
    .replace(/\bimport type\b[^;]*;/g, '')
    .replace(/`[^`]*`/g, '``');
}

const section =
  readFileSync('docs/operations.md', 'utf8').split('## Outgoing calls\n')[1]?.split('\n## ')[0] ?? '';

it('names every file that opens a connection in the table of docs/operations.md, and no other', () => {
  const opening = sources().filter((file) => {
    const text = code(file);
    return Object.values(CLIENTS).some((pattern) => pattern.test(text));
  });
  const documented = [...section.matchAll(/`((?:app|cli|components|lib|prisma)\/[\w./-]+\.tsx?)`/g)].map(
    ([, file = '']) => file,
  );
  const expected = documented.filter((file) => !file.endsWith('.test.ts'));
  expect(opening.filter((file) => !(file in NO_OTHER_HOST)).sort()).toEqual([...new Set(expected)].sort());
});

it.each(Object.entries(CLIENTS))('recognizes %s in code', (_, pattern) => {
  const examples = [
    "import * as undici from 'undici';",
    "const answer = await fetch('https://example.com');",
    "import { request } from 'node:https';",
    "import tls from 'node:tls';",
    "import { lookup } from 'node:dns/promises';",
    "export { AssumeRoleCommand } from '@aws-sdk/client-sts';",
    "import { Client, type Pool } from 'pg';",
    "import { Redis } from 'ioredis';",
    'return { httpOptions: { timeout: 1 } };',
    "import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';",
    'const socket = new WebSocket(url);',
  ];
  expect(examples.filter((example) => pattern.test(example))).toHaveLength(1);
});
