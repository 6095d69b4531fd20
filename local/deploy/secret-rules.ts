/** Lists the rules for Secrets, and for what reads them. */
import type { PodSpec } from 'kubernetes-types/core/v1';
import { ofKind, podTemplates, readSecretTemplates } from './overlays';
import { containersOf, first, type Rule } from './rule';

/** Returns the Secrets that a pod reads as variables. */
const asVariables = (spec: PodSpec | undefined) =>
  (spec?.containers ?? []).flatMap(({ env = [], envFrom = [] }) => [
    ...envFrom.flatMap(({ secretRef }) => secretRef?.name ?? []),
    ...env.flatMap(({ valueFrom }) => valueFrom?.secretKeyRef?.name ?? []),
  ]);

const secretsOf = (spec: PodSpec | undefined) => [
  ...asVariables(spec),
  ...(spec?.volumes ?? []).flatMap(({ secret }) => secret?.secretName ?? []),
];

export const SECRET_RULES: readonly Rule[] = [
  {
    name: 'holds no secret in clear',
    find: (manifests) => {
      const secret = new Set([...readSecretTemplates().values()].flatMap(Object.keys));
      const named = [...secret, 'GITHUB_APP_PRIVATE_KEY', 'UPSTASH_REDIS_REST_TOKEN', 'AUTH_GITHUB_SECRET'];
      return [
        ...ofKind(manifests, 'Secret').flatMap(({ metadata, data, stringData }) =>
          Object.entries({ ...data, ...stringData })
            .filter(([, value]) => !value.startsWith('ENC[AES256_GCM,'))
            .map(([key]) => `Secret ${metadata?.name}, ${key}`),
        ),
        ...ofKind(manifests, 'ConfigMap').flatMap(({ data }) => named.filter((name) => name in (data ?? {}))),
        ...containersOf(manifests).flatMap(({ container }) =>
          (container.env ?? []).map(({ name }) => name).filter((name) => named.includes(name)),
        ),
      ];
    },
    breakIt: (manifests) =>
      void manifests.push({
        kind: 'Secret',
        metadata: { name: 'app' },
        stringData: { DATABASE_URL: 'in clear' },
      }),
  },
  {
    name: 'gives the owner’s database role to the migration only, and reads only Secrets that have a template',
    find: (manifests) => {
      const templates = readSecretTemplates();
      return podTemplates(manifests).flatMap(({ name, template }) =>
        secretsOf(template.spec)
          .filter(
            (secret) =>
              !templates.has(secret) ||
              'MIGRATION_DATABASE_URL' in (templates.get(secret) ?? {}) !== name.startsWith('Job '),
          )
          .map((secret) => `${name} reads ${secret}`),
      );
    },
    breakIt: (manifests) => {
      const web = first(ofKind(manifests, 'Deployment')).spec?.template.spec?.containers[0];
      web?.envFrom?.push({ secretRef: { name: 'pulsestream-migration' } });
    },
  },
  {
    name: 'mounts the app’s Secret where the app reads it again, so that a rotation needs no restart',
    find: (manifests) =>
      podTemplates(manifests)
        .filter(({ name }) => !name.startsWith('Job '))
        .flatMap(({ name, template: { spec } }) => {
          const volume = spec?.volumes?.find(({ secret }) => secret?.secretName === 'pulsestream');
          const isRead = spec?.containers.every(({ env = [], volumeMounts = [] }) => {
            const mount = volumeMounts.find((it) => it.name === volume?.name);
            const folder = env.find((it) => it.name === 'SECRETS_DIR')?.value;
            // Kubernetes never updates what is mounted with `subPath`.
            return mount?.readOnly === true && mount.subPath === undefined && mount.mountPath === folder;
          });
          const isWhole = volume !== undefined && volume.secret?.items === undefined;
          return isRead && isWhole && asVariables(spec).length === 0 ? [] : [name];
        }),
    breakIt: (manifests) => {
      const web = first(ofKind(manifests, 'Deployment')).spec?.template.spec?.containers[0];
      Object.assign(first(web?.volumeMounts?.filter((it) => it.name === 'secrets')), {
        subPath: 'NEXTAUTH_SECRET',
      });
    },
  },
];
