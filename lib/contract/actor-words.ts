import type { AuditEvent } from './audit-event';

type Actor = AuditEvent['actor'];

/** `engine (API key)`, `olivia@acme.test`, `PulseStream (sync)` */
export function actorInWords({ type, label }: Pick<Actor, 'type' | 'label'>): string {
  switch (type) {
    case 'user':
      return label;
    case 'api_key':
      return `${label} (API key)`;
    case 'system':
      return `PulseStream (${label.replace(/^system:/, '')})`;
    default:
      // A row that was tampered with: verification names it, and the page shows what it says.
      return `${label} (${String(type satisfies never)})`;
  }
}

/** Whom such words mean, for a reader who copies them; `null` when they are a label or an id already. */
export function actorFromWords(words: string): Pick<Actor, 'type' | 'label'> | null {
  const key = /^(.+) \(API key\)$/.exec(words)?.[1];
  if (key !== undefined) return { type: 'api_key', label: key };
  const system = /^PulseStream \((.+)\)$/.exec(words)?.[1];
  return system === undefined ? null : { type: 'system', label: `system:${system}` };
}
