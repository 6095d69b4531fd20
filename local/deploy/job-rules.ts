/** Lists the rules for what runs on a schedule. */
import { type Manifest, ofKind } from './overlays';
import { first, type Rule } from './rule';

const partsOf = (manifests: readonly Manifest[]) =>
  ofKind(manifests, 'CronJob').map(({ metadata, spec }) => {
    const pod = spec?.jobTemplate.spec?.template.spec;
    return { name: metadata?.name ?? '', spec, job: spec?.jobTemplate.spec, pod, run: pod?.containers[0] };
  });

const archiveOf = (manifests: readonly Manifest[]) =>
  first(partsOf(manifests).filter(({ run }) => run?.args?.includes('audit:archive')));

export const JOB_RULES: readonly Rule[] = [
  {
    name: 'never runs a scheduled job twice concurrently, endlessly, or without an end to its retries',
    find: (manifests) =>
      partsOf(manifests).flatMap(({ name, spec, job, pod }) =>
        spec?.concurrencyPolicy === 'Forbid' &&
        spec.startingDeadlineSeconds !== undefined &&
        job?.activeDeadlineSeconds !== undefined &&
        job.backoffLimit !== undefined &&
        pod?.restartPolicy === 'Never'
          ? []
          : [name],
      ),
    breakIt: (manifests) => {
      delete first(partsOf(manifests)).job?.activeDeadlineSeconds;
    },
  },
  {
    name: 'keeps what a scheduled job writes on a volume that outlives its pod',
    find: (manifests) =>
      partsOf(manifests).flatMap(({ name, run, pod }) => {
        const folder = run?.args?.[run.args.indexOf('--output') + 1];
        if (!run?.args?.includes('--output')) return [];
        const mount = run.volumeMounts?.find(({ mountPath }) => mountPath === folder);
        const volume = pod?.volumes?.find((it) => it.name === mount?.name);
        return volume?.persistentVolumeClaim === undefined || mount?.readOnly ? [name] : [];
      }),
    breakIt: (manifests) => {
      const volume = archiveOf(manifests).pod?.volumes?.find((it) => it.name === 'archives');
      delete volume?.persistentVolumeClaim;
      Object.assign(volume ?? {}, { emptyDir: {} });
    },
  },
  {
    name: 'archives audit events only where their retention is set and the storage exists',
    find: (manifests) => {
      const { name, spec, pod } = archiveOf(manifests);
      if (spec?.suspend) return [];
      const days = ofKind(manifests, 'ConfigMap')[0]?.data?.RETENTION_AUDIT_DAYS;
      const claim = pod?.volumes?.flatMap((it) => it.persistentVolumeClaim?.claimName ?? []).join();
      const claims = ofKind(manifests, 'PersistentVolumeClaim').map(({ metadata }) => metadata?.name);
      return days !== undefined && claims.includes(claim) ? [] : [name];
    },
    breakIt: (manifests) => {
      Object.assign(archiveOf(manifests).spec ?? {}, { suspend: false });
    },
  },
];
