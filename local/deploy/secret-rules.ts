/** Lists the rules for Secrets, and for what reads them. */
import type { PodSpec } from 'kubernetes-types/core/v1';
import { ofKind, podTemplates, readSecretTemplates } from './overlays';
import { containersOf, first, type Rule, selects } from './rule';

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

/** The pods that may have the owner’s database role, each with the Secret that holds its URL. */
const OWNERS: Readonly<Record<string, string>> = {
  'Job pulsestream-migration': 'pulsestream-migration',
  'CronJob pulsestream-audit-archive': 'pulsestream-audit-archive',
};

const isOwners = (secret: string) => 'MIGRATION_DATABASE_URL' in (readSecretTemplates().get(secret) ?? {});
const hasOwnerRole = (spec: PodSpec | undefined) => secretsOf(spec).some(isOwners);

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
    name: 'reads only Secrets that have a template',
    find: (manifests) => {
      const templates = readSecretTemplates();
      return podTemplates(manifests).flatMap(({ name, template }) =>
        secretsOf(template.spec).flatMap((it) => (templates.has(it) ? [] : [`${name} reads ${it}`])),
      );
    },
    breakIt: (manifests) => {
      const web = first(ofKind(manifests, 'Deployment')).spec?.template.spec?.containers[0];
      web?.envFrom?.push({ secretRef: { name: 'another' } });
    },
  },
  {
    name: 'gives the owner’s database role to the migration and the archive, each by a Secret of its own',
    find: (manifests) => {
      const owners = podTemplates(manifests).filter(({ template }) => hasOwnerRole(template.spec));
      return owners.flatMap(({ name, template }) => {
        const ownSecret = OWNERS[name];
        return ownSecret !== undefined && secretsOf(template.spec).filter(isOwners).join() === ownSecret
          ? []
          : [name];
      });
    },
    breakIt: (manifests) => {
      const web = first(ofKind(manifests, 'Deployment')).spec?.template.spec?.containers[0];
      web?.envFrom?.push({ secretRef: { name: 'pulsestream-migration' } });
    },
  },
  {
    name: 'lets a pod with the owner’s database role reach nothing but the database and DNS',
    find: (manifests) => {
      const policies = ofKind(manifests, 'NetworkPolicy').flatMap(({ spec }) => spec ?? []);
      return podTemplates(manifests)
        .filter(({ template }) => hasOwnerRole(template.spec))
        .flatMap(({ name, template }) => {
          const ports = policies
            .filter(({ podSelector }) => selects(podSelector, template.metadata?.labels))
            .flatMap(({ egress = [] }) => egress.flatMap((it) => it.ports ?? []))
            .map(({ port }) => Number(port));
          return new Set(ports.concat(53, 5432)).size === 2 && ports.includes(5432) ? [] : [name];
        });
    },
    breakIt: (manifests) => {
      const policy = ofKind(manifests, 'NetworkPolicy').find(({ metadata }) => metadata?.name === 'to-https');
      policy?.spec?.podSelector.matchExpressions?.[0]?.values?.push('audit-archive');
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
          return isRead && isWhole && asVariables(spec).every(isOwners) ? [] : [name];
        }),
    breakIt: (manifests) => {
      const web = first(ofKind(manifests, 'Deployment')).spec?.template.spec?.containers[0];
      Object.assign(first(web?.volumeMounts?.filter((it) => it.name === 'secrets')), {
        subPath: 'NEXTAUTH_SECRET',
      });
    },
  },
];
