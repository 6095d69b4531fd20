import { CircleCheck, CircleX, FileCheck, type LucideIcon } from 'lucide-react';
import type { ClaimState } from '@/lib/trust/claim-states';

/** Each state's shape, colour and words, from the best to the worst. */
export const CLAIM_STATES = {
  holds: { text: 'Holds now', Mark: CircleCheck, colour: 'text-success' },
  not_checkable: { text: 'Ensured by tests', Mark: FileCheck, colour: 'text-muted' },
  does_not_hold: { text: 'Does not hold', Mark: CircleX, colour: 'text-danger' },
} as const satisfies Record<ClaimState, { text: string; Mark: LucideIcon; colour: string }>;

/** Shows a claim's state as an icon. Only the worst state has visible words too; the legend explains the others. */
export function StateMark({ state }: { state: ClaimState }) {
  const { text, Mark, colour } = CLAIM_STATES[state];
  return (
    <span className={`inline-flex shrink-0 items-center gap-1.5 font-medium ${colour}`}>
      <Mark aria-hidden className="size-4" />
      <span className={state === 'does_not_hold' ? 'text-xs' : 'sr-only'}>{text}</span>
    </span>
  );
}
