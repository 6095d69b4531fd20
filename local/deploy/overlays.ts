/** Builds the manifests in `deploy/` by `kubectl kustomize`, as an operator does. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Deployment } from 'kubernetes-types/apps/v1';
import type { HorizontalPodAutoscaler } from 'kubernetes-types/autoscaling/v2';
import type { CronJob, Job } from 'kubernetes-types/batch/v1';
import type {
  ConfigMap,
  Namespace,
  PersistentVolumeClaim,
  PodTemplateSpec,
  Secret,
  Service,
  ServiceAccount,
} from 'kubernetes-types/core/v1';
import type { Ingress, NetworkPolicy } from 'kubernetes-types/networking/v1';
import type { PodDisruptionBudget } from 'kubernetes-types/policy/v1';
import { parse, parseAllDocuments } from 'yaml';
import { findProgram } from '../services/debian-programs';

export const ENVIRONMENTS = ['dev', 'demo', 'staging', 'prod'] as const;
export type Environment = (typeof ENVIRONMENTS)[number];

/** The parts of one environment, in the order in which an operator applies them. */
const PARTS = ['secrets', 'migration', '.'];

/** Not among Kubernetes' own types: the Prometheus operator defines it. */
interface ServiceMonitor {
  apiVersion: 'monitoring.coreos.com/v1';
  kind: 'ServiceMonitor';
  metadata: { name: string; namespace?: string };
  spec: { selector: { matchLabels: Record<string, string> }; endpoints: { port: string }[] };
}

export type Manifest =
  | ConfigMap
  | CronJob
  | Deployment
  | HorizontalPodAutoscaler
  | Ingress
  | Job
  | Namespace
  | NetworkPolicy
  | PersistentVolumeClaim
  | PodDisruptionBudget
  | Secret
  | Service
  | ServiceAccount
  | ServiceMonitor;

/** The first kubectl that knows components and `labels.includeTemplates`. */
const OLDEST_KUBECTL_MINOR = 27;

/** Returns why the overlays cannot be built on this machine, or undefined if they can. */
export function whyNotBuildable(): string | undefined {
  const kubectl = findProgram('kubectl');
  if (kubectl === undefined) return 'kubectl is not installed';
  const { stdout } = spawnSync(kubectl, ['version', '--client'], { encoding: 'utf8' });
  const [, minor] = /v1\.(\d+)/.exec(stdout) ?? [];
  if (Number(minor) >= OLDEST_KUBECTL_MINOR) return undefined;
  return `kubectl 1.${OLDEST_KUBECTL_MINOR} or newer is needed`;
}

/**
 * Builds every object of an environment.
 *
 * @param root the folder `deploy`, or a copy of it
 */
export function buildEnvironment(environment: Environment, root = 'deploy'): Manifest[] {
  return PARTS.flatMap((part) => {
    const folder = `${root}/overlays/${environment}/${part}`;
    const { status, stdout, stderr } = spawnSync(findProgram('kubectl') ?? 'kubectl', ['kustomize', folder], {
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(`${folder}: ${stderr}`);
    return parseAllDocuments(stdout).map((document): Manifest => document.toJS());
  });
}

export function ofKind<Kind extends NonNullable<Manifest['kind']>>(
  manifests: readonly Manifest[],
  kind: Kind,
): Extract<Manifest, { kind?: Kind }>[] {
  return manifests.filter(
    (manifest): manifest is Extract<Manifest, { kind?: Kind }> => manifest.kind === kind,
  );
}

/** Returns the name and template of everything that starts pods. */
export function podTemplates(manifests: readonly Manifest[]): { name: string; template: PodTemplateSpec }[] {
  const of = (kind: string, name: string | undefined, template: PodTemplateSpec | undefined) =>
    template === undefined ? [] : [{ name: `${kind} ${name}`, template }];
  return [
    ...ofKind(manifests, 'Deployment').flatMap((it) =>
      of('Deployment', it.metadata?.name, it.spec?.template),
    ),
    ...ofKind(manifests, 'Job').flatMap((it) => of('Job', it.metadata?.name, it.spec?.template)),
    ...ofKind(manifests, 'CronJob').flatMap((it) =>
      of('CronJob', it.metadata?.name, it.spec?.jobTemplate.spec?.template),
    ),
  ];
}

/** The Secrets that an operator fills in, by name, with their keys. */
export function readSecretTemplates(): Map<string, Record<string, string>> {
  return new Map(
    ['app', 'migration', 'audit-archive'].map((file) => {
      const secret: Secret = parse(readFileSync(`deploy/secrets-template/${file}.yaml`, 'utf8'));
      return [secret.metadata?.name ?? '', secret.stringData ?? {}];
    }),
  );
}

export function readSettings(environment: Environment): Record<string, string> {
  const lines = readFileSync(`deploy/overlays/${environment}/settings.env`, 'utf8').trim().split('\n');
  return Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
}
