import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { parseConfig } from '../lib/config';
import { readDatabaseUrls } from '../lib/config/database-urls';
import { createSecretFolder } from '../lib/config/test-secret-folder';
import { VARIABLES } from '../lib/config/variables';
import { ENVIRONMENTS, type Environment, readSecretTemplates, readSettings } from '../local/deploy/overlays';

interface CreationRule {
  path_regex: string;
  encrypted_regex: string;
  key_groups: { kms: { arn: string; context: Record<string, string> }[] }[];
}

const { creation_rules: rules }: { creation_rules: CreationRule[] } = parse(
  readFileSync('deploy/.sops.yaml', 'utf8'),
);

/** Returns the rule that SOPS applies: the first whose pattern matches the path, relative to `.sops.yaml`. */
const ruleOf = (file: string) => rules.find((rule) => new RegExp(rule.path_regex).test(file));

const keyOf = (environment: Environment) =>
  ruleOf(`overlays/${environment}/secrets/app.yaml`)?.key_groups[0]?.kms[0];

/** Values of the form that an operator fills in. */
const FILLED: Readonly<Record<string, string>> = {
  DATABASE_URL:
    'postgresql://pulsestream_app:password@database.internal:5432/pulsestream?sslmode=verify-full',
  MIGRATION_DATABASE_URL:
    'postgresql://owner:password@database.internal:5432/pulsestream?sslmode=verify-full',
  REDIS_URL: 'rediss://:password@redis.internal:6379',
};

const filled = (name: string): Record<string, string> =>
  Object.fromEntries(
    Object.keys(readSecretTemplates().get(name) ?? {}).map((key) => [
      key,
      FILLED[key] ?? `${key} `.repeat(4).trim().replaceAll(' ', '-'),
    ]),
  );

test.each(ENVIRONMENTS)(
  'the settings of %s, with the Secret filled in, are a complete configuration',
  (environment) => {
    const settings = readSettings(environment);
    const folder = createSecretFolder(filled('pulsestream'));
    const config = parseConfig({ NODE_ENV: 'production', ...settings, SECRETS_DIR: folder.path });
    folder.remove();
    expect([config.environment, String(config.github.appId)]).toEqual([environment, settings.GITHUB_APP_ID]);
    // AWS's SDK reads its region itself.
    expect(Object.keys(settings).filter((name) => !VARIABLES.includes(name))).toEqual(['AWS_REGION']);
    expect(readDatabaseUrls(filled('pulsestream-migration'))).toHaveProperty('appUrl');
    // Beside these, the archive reads the app's own Secret as files, so a variable of that name would be refused.
    const { ownerUrl } = readDatabaseUrls({ ...settings, ...filled('pulsestream-audit-archive') });
    expect(ownerUrl).toBe(FILLED.MIGRATION_DATABASE_URL);
    expect(Object.keys(filled('pulsestream-audit-archive'))).toEqual(['MIGRATION_DATABASE_URL']);
  },
);

test('no setting is also a secret, and no secret is a setting', () => {
  const secrets = [...readSecretTemplates().values()].flatMap(Object.keys);
  for (const environment of ENVIRONMENTS)
    expect(Object.keys(readSettings(environment)).filter((name) => secrets.includes(name))).toEqual([]);
});

test('SOPS encrypts the Secrets of each environment with a KMS key and a context of its own', () => {
  const keys = ENVIRONMENTS.map(keyOf);
  expect(keys.map((key) => key?.context)).toEqual(
    ENVIRONMENTS.map((environment) => ({ 'pulsestream-environment': environment })),
  );
  for (const key of keys) expect(key?.arn).toMatch(/^arn:aws:kms:[a-z0-9-]+:\d{12}:key\/[0-9a-f-]{36}$/);
  expect(new Set(keys.map((key) => key?.arn)).size).toBe(ENVIRONMENTS.length);
  const accounts = keys.map((key) => key?.arn.split(':')[4]);
  expect(new Set(accounts).size).toBe(ENVIRONMENTS.length);
  for (const environment of ENVIRONMENTS) {
    const file = `overlays/${environment}/secrets/migration.yaml`;
    expect(ruleOf(file)?.key_groups[0]?.kms).toEqual([keyOf(environment)]);
    expect(ruleOf(file)?.encrypted_regex).toBe('^(data|stringData)$');
    // The key that signs as the App is in the environment's own account, and does not encrypt.
    const signingKey = readSettings(environment).GITHUB_APP_KMS_KEY_ID ?? '';
    expect(signingKey.split(':')[4]).toBe(keyOf(environment)?.arn.split(':')[4]);
    expect(signingKey).not.toBe(keyOf(environment)?.arn);
  }
});

test('a template holds no value, and no Secret in the repository is unencrypted', () => {
  const values = [...readSecretTemplates().values()].flatMap((secret) => Object.values(secret));
  expect(new Set(values)).toEqual(new Set(['REPLACE']));
  const files = readdirSync('deploy', { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.yaml'),
  );
  const inClear = files.filter((file) => {
    const text = readFileSync(`deploy/${file}`, 'utf8');
    return !file.startsWith('secrets-template/') && /^kind: Secret$/m.test(text) && !/^sops:$/m.test(text);
  });
  expect(files.length).toBeGreaterThan(20);
  expect(inClear).toEqual([]);
});
