import type { AuditEvent } from './audit-event';

type Actor = AuditEvent['actor'];

/**
 * Returns the human-readable form of an actor: `engine (API key)`, `repo:acme/api:ref:refs/heads/main
 * (workload)`, `olivia@acme.test`, `PulseStream (sync)`.
 */
export function actorInWords({ type, label }: Pick<Actor, 'type' | 'label'>): string {
  switch (type) {
    case 'user':
      return label;
    case 'api_key':
      return `${label} (API key)`;
    case 'workload':
      return `${label} (workload)`;
    case 'system':
      return `PulseStream (${label.replace(/^system:/, '')})`;
    default:
      // A row that somebody tampered with may have any actor type. Show the row as stored, and let verification report
      // it.
      return `${label} (${String(type satisfies never)})`;
  }
}

/** Parses an actor's human-readable form, copied from a page. Returns `null` for a plain label or id. */
export function actorFromWords(words: string): Pick<Actor, 'type' | 'label'> | null {
  const key = /^(.+) \(API key\)$/.exec(words)?.[1];
  if (key !== undefined) return { type: 'api_key', label: key };
  const workload = /^(.+) \(workload\)$/.exec(words)?.[1];
  if (workload !== undefined) return { type: 'workload', label: workload };
  const system = /^PulseStream \((.+)\)$/.exec(words)?.[1];
  return system === undefined ? null : { type: 'system', label: `system:${system}` };
}
