/** Lists the rules for the objects of every environment. Each rule comes with a change that breaks it. */
import type { Container, PodSpec } from 'kubernetes-types/core/v1';
import { JOB_RULES } from './job-rules';
import { type Manifest, ofKind, podTemplates } from './overlays';
import { containersOf, first, isSubset, type Labels, type Rule } from './rule';
import { SECRET_RULES } from './secret-rules';

/** Applies a check to every container. */
const ofContainers =
  (isRight: (container: Container) => boolean | undefined) => (manifests: readonly Manifest[]) =>
    containersOf(manifests).flatMap(({ name, container }) => (isRight(container) ? [] : [name]));

const ofPods =
  (isRight: (spec: PodSpec | undefined) => boolean | undefined) => (manifests: readonly Manifest[]) =>
    podTemplates(manifests).flatMap(({ name, template }) => (isRight(template.spec) ? [] : [name]));

const aContainer = (manifests: Manifest[]) => first(containersOf(manifests)).container;
const aPod = (manifests: Manifest[]): PodSpec =>
  first(podTemplates(manifests)).template.spec ?? { containers: [] };

const hasPods = (manifests: readonly Manifest[], labels: Labels): boolean =>
  podTemplates(manifests).some(({ template }) => isSubset(labels, template.metadata?.labels));

/** Seconds that a pod needs between the pause before SIGTERM and SIGKILL: an incomplete request is cut after 60. */
const DRAIN_SECONDS = 65;

export const RULES: readonly Rule[] = [
  {
    name: 'names an exact version of its image',
    find: ofContainers(({ image = '' }) => /:\d+\.\d+\.\d+|@sha256:[0-9a-f]{64}$/.test(image)),
    breakIt: (manifests) =>
      Object.assign(aContainer(manifests), { image: 'registry.example.com/pulsestream:latest' }),
  },
  {
    name: 'runs as a user that is not root, with the default seccomp profile',
    find: ofPods(
      (spec) =>
        spec?.securityContext?.runAsNonRoot === true &&
        (spec.securityContext.runAsUser ?? 0) > 0 &&
        spec.securityContext.seccompProfile?.type === 'RuntimeDefault',
    ),
    breakIt: (manifests) => Object.assign(aPod(manifests), { securityContext: { runAsUser: 0 } }),
  },
  {
    name: 'has a read-only root file system, no capability and no way to more privileges',
    find: ofContainers(
      ({ securityContext: context }) =>
        context?.readOnlyRootFilesystem === true &&
        context.allowPrivilegeEscalation === false &&
        context.privileged !== true &&
        context.runAsUser === undefined &&
        context.capabilities?.add === undefined &&
        context.capabilities?.drop?.includes('ALL'),
    ),
    breakIt: (manifests) =>
      Object.assign(aContainer(manifests).securityContext ?? {}, { readOnlyRootFilesystem: false }),
  },
  {
    name: 'requests and limits processor time and memory',
    find: ofContainers(({ resources }) =>
      [resources?.requests, resources?.limits].every((amounts) => amounts?.cpu && amounts.memory),
    ),
    breakIt: (manifests) => Object.assign(aContainer(manifests), { resources: { requests: { cpu: '1' } } }),
  },
  {
    name: 'shares no namespace of the host, mounts none of its folders, and gets no Kubernetes token',
    find: ofPods(
      (spec) =>
        !(spec?.hostNetwork || spec?.hostPID || spec?.hostIPC) &&
        spec?.automountServiceAccountToken === false &&
        spec.volumes?.every(({ hostPath }) => hostPath === undefined) !== false,
    ),
    breakIt: (manifests) => Object.assign(aPod(manifests), { hostNetwork: true }),
  },
  ...SECRET_RULES,
  ...JOB_RULES,
  {
    name: 'is in its environment’s namespace, which enforces the restricted pod security standard',
    find: (manifests) => {
      const [namespace] = ofKind(manifests, 'Namespace');
      const name = namespace?.metadata?.name;
      const isRestricted =
        namespace?.metadata?.labels?.['pod-security.kubernetes.io/enforce'] === 'restricted';
      const elsewhere = manifests.filter(
        ({ kind, metadata }) => kind !== 'Namespace' && metadata?.namespace !== name,
      );
      return [
        ...(isRestricted ? [] : ['Namespace']),
        ...elsewhere.map((it) => `${it.kind} ${it.metadata?.name}`),
      ];
    },
    breakIt: (manifests) =>
      Object.assign(first(manifests.slice(-1)).metadata ?? {}, { namespace: 'default' }),
  },
  {
    name: 'allows no traffic but to named peers and ports',
    find: (manifests) => {
      const policies = ofKind(manifests, 'NetworkPolicy');
      const open = policies.flatMap(({ metadata, spec }) =>
        [
          ...(spec?.egress ?? []).map(({ to, ports }) => [to, ports]),
          ...(spec?.ingress ?? []).map(({ from, ports }) => [from, ports]),
        ].some((lists) => lists.some((list) => !list?.length))
          ? [`NetworkPolicy ${metadata?.name}`]
          : [],
      );
      const isClosed = (labels: Labels, way: string) =>
        policies.some(
          ({ spec }) =>
            spec?.policyTypes?.includes(way) &&
            spec.podSelector.matchExpressions === undefined &&
            isSubset(spec.podSelector.matchLabels, labels),
        );
      const unguarded = podTemplates(manifests).flatMap(({ name, template }) =>
        ['Ingress', 'Egress']
          .filter((way) => !isClosed(template.metadata?.labels, way))
          .map((way) => `${name}: ${way}`),
      );
      return [...open, ...unguarded];
    },
    breakIt: (manifests) => {
      const policy = ofKind(manifests, 'NetworkPolicy').find(({ metadata }) => metadata?.name === 'to-https');
      delete policy?.spec?.egress?.[0]?.to;
    },
  },
  {
    name: 'reaches neither private networks nor the cloud’s metadata through a range that is open to the internet',
    find: (manifests) =>
      ofKind(manifests, 'NetworkPolicy').flatMap(({ metadata, spec }) =>
        (spec?.egress ?? [])
          .flatMap(({ to = [] }) => to.flatMap(({ ipBlock }) => ipBlock ?? []))
          .filter(
            ({ cidr, except = [] }) =>
              /\/0$/.test(cidr) &&
              !['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '169.254.0.0/16'].every((it) =>
                except.includes(it),
              ),
          )
          .map(() => `NetworkPolicy ${metadata?.name}`),
      ),
    breakIt: (manifests) => {
      const policy = ofKind(manifests, 'NetworkPolicy').find(({ metadata }) => metadata?.name === 'to-https');
      policy?.spec?.egress?.[0]?.to?.[0]?.ipBlock?.except?.pop();
      policy?.spec?.egress?.[0]?.to?.[0]?.ipBlock?.except?.pop();
    },
  },
  {
    name: 'keeps a pod serving through rollouts, node drains and scaling',
    find: (manifests) => {
      const { spec } = first(ofKind(manifests, 'Deployment'));
      const web = spec?.template.spec?.containers[0];
      const pause = web?.lifecycle?.preStop?.sleep?.seconds ?? 0;
      const [budget] = ofKind(manifests, 'PodDisruptionBudget');
      const [scaler] = ofKind(manifests, 'HorizontalPodAutoscaler');
      const holds: Record<string, boolean | undefined> = {
        'a rollout removes no pod early': spec?.strategy?.rollingUpdate?.maxUnavailable === 0,
        'balancers have time to stop sending': pause >= 5,
        'requests have time to finish':
          (spec?.template.spec?.terminationGracePeriodSeconds ?? 0) >= pause + DRAIN_SECONDS,
        'a drain takes one pod at a time': budget?.spec?.maxUnavailable === 1,
        'two replicas at least': (scaler?.spec?.minReplicas ?? 1) >= 2 && spec?.replicas === undefined,
        'pods are spread over zones and nodes': spec?.template.spec?.topologySpreadConstraints?.length === 2,
        'a new pod is ready once its services are': web?.startupProbe?.httpGet?.path === '/api/health/ready',
        'no outage of a shared service removes every pod':
          web?.readinessProbe?.httpGet?.path === '/api/health/live' &&
          web.livenessProbe?.httpGet?.path === '/api/health/live',
        'it listens on every address': web?.env?.some(
          ({ name, value }) => name === 'HOSTNAME' && value === '0.0.0.0',
        ),
      };
      return Object.entries(holds).flatMap(([what, isTrue]) => (isTrue ? [] : [what]));
    },
    breakIt: (manifests) => {
      const { spec } = first(ofKind(manifests, 'Deployment'));
      Object.assign(spec?.template.spec ?? {}, { terminationGracePeriodSeconds: 30 });
    },
  },
  {
    name: 'selects pods and objects that exist',
    find: (manifests) => {
      const [monitor] = ofKind(manifests, 'ServiceMonitor');
      const scraped = ofKind(manifests, 'Service').some(
        ({ metadata, spec }) =>
          isSubset(monitor?.spec.selector.matchLabels, metadata?.labels) &&
          spec?.ports?.some(({ name }) => name === monitor?.spec.endpoints[0]?.port),
      );
      const targets = ofKind(manifests, 'HorizontalPodAutoscaler').map(
        ({ spec }) => spec?.scaleTargetRef.name,
      );
      const accounts = new Set(ofKind(manifests, 'ServiceAccount').map(({ metadata }) => metadata?.name));
      return [
        ...(scraped ? [] : ['ServiceMonitor']),
        ...targets.filter(
          (name) => !ofKind(manifests, 'Deployment').some(({ metadata }) => metadata?.name === name),
        ),
        ...ofPods((spec) => accounts.has(spec?.serviceAccountName))(manifests),
        ...ofKind(manifests, 'Service').flatMap(({ spec }) =>
          hasPods(manifests, spec?.selector) ? [] : ['Service'],
        ),
        ...ofKind(manifests, 'PodDisruptionBudget').flatMap(({ spec }) =>
          hasPods(manifests, spec?.selector?.matchLabels) ? [] : ['PodDisruptionBudget'],
        ),
      ].map(String);
    },
    breakIt: (manifests) =>
      Object.assign(first(ofKind(manifests, 'Service')).spec ?? {}, { selector: { app: 'another' } }),
  },
];
