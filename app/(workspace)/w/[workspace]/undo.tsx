import { z } from 'zod';
import { firstValue, type Query } from '@/app/request';
import type { FormAction } from '@/components/ui/submit-button';
import { UndoForm } from '@/components/ui/undo-form';
import { describeUndo } from '@/components/workspace/describe-undo';
import type { RequestOrigin, UserActor } from '@/lib/actor';
import type { Membership } from '@/lib/auth/session';
import type { Notice } from '@/lib/contract/notice';
import type { ReversibleType } from '@/lib/workspace/reversals';
import { findUndoable, undoEvent } from '@/lib/workspace/undo';

/** Notices about the outcome of an undo. Each page's table that offers one includes them. */
export const UNDO_NOTICES = {
  undone: { title: 'Undone', cause: 'It is as it was before.', nextStep: '', tone: 'success' },
  undo_over: {
    title: 'Nothing was undone',
    cause: 'Ten minutes have passed, or it was changed again.',
    nextStep: 'The page below is up to date.',
    tone: 'info',
  },
} as const satisfies Record<string, Notice>;

/** A notice of something that can be undone, if it names the type of its event. */
export type UndoableNotice = Notice & { undoes?: ReversibleType };

type OfferProps = {
  notice: UndoableNotice | null;
  query: Query;
  user: UserActor;
  workspace: Membership;
  action: FormAction;
};

/** Returns the form that undoes what the notice is about; `null` if the reader can't undo it now. */
export async function offerUndo({ notice, query, user, workspace, action }: OfferProps) {
  if (notice?.undoes === undefined) return null;
  const reader = { workspaceId: workspace.id, actor: user, role: workspace.role };
  const event = await findUndoable(reader, firstValue(query.event), notice.undoes);
  return (
    event && (
      <UndoForm action={action} fields={{ event: event.seq }}>
        {describeUndo(event)}
      </UndoForm>
    )
  );
}

export const UndoFields = z.object({ event: z.string().catch('') });

type Call = {
  by: { workspaceId: string; actor: UserActor; origin: RequestOrigin };
  input: z.infer<typeof UndoFields>;
};

/** Handles an action that undoes an event. */
export async function undo({ by, input }: Call): Promise<{ notice: keyof typeof UNDO_NOTICES }> {
  return { notice: (await undoEvent(by, input.event)) ? 'undone' : 'undo_over' };
}
