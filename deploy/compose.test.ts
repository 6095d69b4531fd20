import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DCLinter } from 'dclint';
import { generatePrivateKey } from 'offline-github';
import { expect, it } from 'vitest';
import { stringify } from 'yaml';
import { parseConfig } from '../lib/config';
import { problemsOf } from '../lib/config/test-environment';
import { COMPOSE_FILE, type Compose, readCompose, serviceOf } from '../local/deploy/compose';
import { COMPOSE_RULES } from '../local/deploy/compose-rules';

/** Returns what contradicts the schema that the Compose specification publishes, or the linter's rules but those of style. */
function faultsIn(file: string): string[] {
  const linter = new DCLinter({
    // Each built image has a name, too.
    rules: { 'no-build-and-image': 0, 'require-quotes-in-ports': [2, { quoteType: 'double' }] },
    quiet: true,
    debug: false,
    exclude: [],
  });
  const results = linter.lintFiles([file], false);
  expect(results).toHaveLength(1);
  return results
    .flatMap(({ messages }) => messages)
    .filter(({ rule, category }) => rule === 'invalid-schema' || category !== 'style')
    .map(({ rule, message }) => `${rule}: ${message}`);
}

it('compose.yaml is valid by the schema of the Compose specification', () => {
  expect(faultsIn(COMPOSE_FILE)).toEqual([]);
});

it.each<[string, (compose: Compose) => object]>([
  ['an unknown field', ({ services }) => Object.assign(services.app ?? {}, { enviroment: {} })],
  ['a value of another type', ({ services }) => Object.assign(services.app ?? {}, { read_only: [] })],
  [
    'an unknown condition',
    ({ services }) => Object.assign(services.app ?? {}, { depends_on: { github: { condition: 'ready' } } }),
  ],
])('the schema refuses %s', (_, breakIt) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'pulsestream-compose-'));
  const compose = readCompose();
  breakIt(compose);
  const file = path.join(folder, COMPOSE_FILE);
  writeFileSync(file, stringify(compose));
  expect(faultsIn(file).join()).toContain('invalid-schema');
  rmSync(folder, { recursive: true });
});

it.each(COMPOSE_RULES)('compose.yaml $name', ({ find }) => {
  expect(find(readCompose())).toEqual([]);
});

it.each(COMPOSE_RULES)('a file is refused unless it $name', ({ find, breakIt }) => {
  const compose = readCompose();
  breakIt(compose);
  expect(find(compose)).not.toEqual([]);
});

it('the roles of compose.yaml are those of docs/operations.md', () => {
  const statements = (text: string) =>
    text.match(/\bCREATE (?:ROLE|DATABASE) pulsestream.*;$/gm)?.map((line) => line.replace(/'.*'/, "'…'"));
  const documented = statements(readFileSync('docs/operations.md', 'utf8'));
  expect(documented).toHaveLength(3);
  expect(statements(readFileSync('deploy/compose/roles.sql', 'utf8'))).toEqual(documented);
});

it('staging and prod refuse every secret of compose.yaml', () => {
  const { environment = {} } = serviceOf(readCompose(), 'app');
  const env = {
    ...environment,
    SECRETS_DIR: '',
    NODE_ENV: 'production',
    GITHUB_APP_CLIENT_SECRET: 'from GitHub',
    GITHUB_APP_PRIVATE_KEY: generatePrivateKey(),
  };
  expect(parseConfig(env).environment).toBe('demo');
  for (const PULSESTREAM_ENV of ['staging', 'prod']) {
    const problems = problemsOf({ ...env, PULSESTREAM_ENV });
    for (const name of ['DATABASE_URL', 'NEXTAUTH_SECRET', 'CRON_SECRET', 'METRICS_TOKEN'])
      expect(problems).toContain(`${name}: is known to everybody; it comes from compose.yaml`);
  }
});
