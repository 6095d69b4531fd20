import { appendFileSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { checkTypes } from '../local/deploy/check-types';
import {
  buildEnvironment,
  ENVIRONMENTS,
  type Manifest,
  ofKind,
  podTemplates,
  whyNotBuildable,
} from '../local/deploy/overlays';
import { RULES } from '../local/deploy/rules';

const reason = whyNotBuildable();
const DOCUMENT = readFileSync('docs/operations.md', 'utf8');

describe('the manifests', () => {
  beforeEach(({ skip }) => skip(reason !== undefined, reason));
  const built = new Map<string, Manifest[]>();
  const objectsOf = (environment: (typeof ENVIRONMENTS)[number]): Manifest[] => {
    const manifests = built.get(environment) ?? buildEnvironment(environment);
    built.set(environment, manifests);
    return structuredClone(manifests);
  };

  test('every object of every environment is valid by Kubernetes’ API description', () => {
    const manifests = ENVIRONMENTS.flatMap(objectsOf);
    expect(new Set(manifests.map(({ kind }) => kind)).size).toBe(12);
    expect(checkTypes(manifests)).toEqual([]);
  });

  test('the check finds an unknown field, a missing one and a value of another type', () => {
    const invalid = {
      kind: 'Service',
      apiVersion: 'v1',
      spec: { port: [], ports: [{ name: 'http' }], clusterIP: 1 },
    };
    const text = checkTypes([JSON.parse(JSON.stringify(invalid))]).join('\n');
    for (const finding of [/'port'/, /'port' is missing/, /'number'/]) expect(text).toMatch(finding);
  });

  test.each(RULES)('every environment $name', ({ find }) => {
    expect(ENVIRONMENTS.flatMap((environment) => find(objectsOf(environment)))).toEqual([]);
  });

  test.each(RULES)('a manifest is refused unless it $name', ({ find, breakIt }) => {
    const manifests = objectsOf('prod');
    breakIt(manifests);
    expect(find(manifests)).not.toEqual([]);
  });

  test('archives the audit log in no environment until an operator turns it on, as docs/operations.md tells', () => {
    const archiveOf = (manifests: Manifest[]) =>
      ofKind(manifests, 'CronJob').find(({ metadata }) => metadata?.name === 'pulsestream-audit-archive');
    const suspended = ENVIRONMENTS.map((environment) => archiveOf(objectsOf(environment))?.spec?.suspend);
    expect(suspended).toEqual(ENVIRONMENTS.map(() => true));

    const copy = mkdtempSync(path.join(tmpdir(), 'pulsestream-archive-on-'));
    cpSync('deploy', copy, { recursive: true });
    const overlay = path.join(copy, 'overlays/prod');
    const [, days = ''] = /^ +RETENTION_AUDIT_DAYS=(\d+)$/m.exec(DOCUMENT) ?? [];
    const [, components = ''] = /^ +(components:\n(?: +- .*\n)+)/m.exec(DOCUMENT) ?? [];
    appendFileSync(path.join(overlay, 'settings.env'), `\nRETENTION_AUDIT_DAYS=${days}\n`);
    const kustomization = path.join(overlay, 'kustomization.yaml');
    const text = readFileSync(kustomization, 'utf8');
    writeFileSync(
      kustomization,
      text.replace('components:\n  - environment\n', components.replace(/^ {3}/gm, '')),
    );
    const manifests = buildEnvironment('prod', copy);
    rmSync(copy, { recursive: true });

    expect(archiveOf(manifests)?.spec?.suspend).toBe(false);
    expect(ofKind(manifests, 'PersistentVolumeClaim')).toHaveLength(1);
    expect(RULES.flatMap(({ find }) => find(manifests))).toEqual([]);
    expect(checkTypes(manifests)).toEqual([]);
  });

  test.each(ENVIRONMENTS)(
    'the migration of %s knows its environment, so it refuses a database without TLS',
    (environment) => {
      const job = ofKind(objectsOf(environment), 'Job')[0];
      expect(job?.spec?.template?.spec?.containers?.[0]?.env).toEqual([
        { name: 'PULSESTREAM_ENV', value: environment },
      ]);
    },
  );

  test('no two environments share a namespace, an AWS role, a host, a network or a setting that names one', () => {
    const seen = ENVIRONMENTS.map((environment) => {
      const manifests = objectsOf(environment);
      const data = ofKind(manifests, 'ConfigMap')[0]?.data ?? {};
      return [
        ...['GITHUB_APP_ID', 'GITHUB_APP_SLUG', 'GITHUB_APP_CLIENT_ID', 'GITHUB_APP_KMS_KEY_ID'].map(
          (it) => data[it],
        ),
        ...['PULSESTREAM_ENV', 'NEXTAUTH_URL', 'AUTH_OIDC_ID', 'AUTH_OIDC_ISSUER'].map((it) => data[it]),
        ofKind(manifests, 'Namespace')[0]?.metadata?.name,
        ofKind(manifests, 'Ingress')[0]?.spec?.rules?.[0]?.host,
        ...ofKind(manifests, 'ServiceAccount').flatMap(
          ({ metadata }) => metadata?.annotations?.['eks.amazonaws.com/role-arn'] ?? [],
        ),
        ...['to-database', 'to-redis'].map(
          (policy) =>
            ofKind(manifests, 'NetworkPolicy').find(({ metadata }) => metadata?.name === policy)?.spec
              ?.egress?.[0]?.to?.[0]?.ipBlock?.cidr,
        ),
      ];
    });
    expect(seen.flat()).not.toContain(undefined);
    expect(seen.map(({ length }) => length)).toEqual(ENVIRONMENTS.map(() => 13));
    // Within one environment a name may appear twice, as the slug and the namespace do.
    const values = seen.flatMap((ofOne) => [...new Set(ofOne)]);
    expect(values.filter((value, index) => values.indexOf(value) !== index)).toEqual([]);
  });

  test('the app and its migration reach the same database, and run the same version', () => {
    for (const environment of ENVIRONMENTS) {
      const manifests = objectsOf(environment);
      const databases = ofKind(manifests, 'NetworkPolicy')
        .filter(({ metadata }) => metadata?.name?.endsWith('to-database'))
        .map(({ spec }) => spec?.egress?.[0]?.to?.[0]?.ipBlock?.cidr);
      expect(databases).toEqual([databases[0], databases[0]]);
      const images = JSON.stringify(manifests).match(/"image":"[^"]+"/g) ?? [];
      expect(images).toEqual(podTemplates(manifests).map(() => images[0]));
    }
  });
});
