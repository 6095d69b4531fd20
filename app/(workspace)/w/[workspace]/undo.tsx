import { z } from 'zod';
import { firstValue, type Query } from '@/app/request';
import type { Kept } from '@/components/ui/kept-fields';
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
  role_restored: { title: 'Undone', cause: 'The member’s role is restored.', nextStep: '', tone: 'success' },
  invitation_restored: {
    title: 'Invited again',
    cause: 'The earlier link no longer works. The new one expires in 7 days.',
    nextStep: 'Share the new link below.',
    tone: 'success',
  },
  name_restored: { title: 'Undone', cause: 'The earlier name is restored.', nextStep: '', tone: 'success' },
  keys_restored: { title: 'Undone', cause: 'API keys are allowed again.', nextStep: '', tone: 'success' },
  ban_restored: { title: 'Undone', cause: 'API keys are forbidden again.', nextStep: '', tone: 'success' },
  view_restored: { title: 'Undone', cause: 'The view is saved again.', nextStep: '', tone: 'success' },
  undo_over: {
    title: 'Nothing was undone',
    cause: 'Ten minutes have passed, or it was changed again.',
    nextStep: 'The page below is up to date.',
    tone: 'info',
  },
} as const satisfies Record<string, Notice>;

type UndoNotice = keyof typeof UNDO_NOTICES;

/** The notice that says what undoing an event of this type has restored. */
const RESTORED: { [T in ReversibleType]: UndoNotice } = {
  'member.role_changed': 'role_restored',
  'member.invitation_revoked': 'invitation_restored',
  'workspace.renamed': 'name_restored',
  'workspace.api_keys_forbidden': 'keys_restored',
  'workspace.api_keys_allowed': 'ban_restored',
};

/** A notice of something that can be undone, if it names the type of its event. */
export type UndoableNotice = Notice & { undoes?: ReversibleType };

type OfferProps = {
  notice: UndoableNotice | null;
  query: Query;
  user: UserActor;
  workspace: Membership;
  action: FormAction;
  /** The query parameters that lead back to the same page of the list. */
  kept?: Kept;
};

/** Returns the form that undoes what the notice is about; `null` if the reader can't undo it now. */
export async function offerUndo({ notice, query, user, workspace, action, kept = {} }: OfferProps) {
  if (notice?.undoes === undefined) return null;
  const reader = { workspaceId: workspace.id, actor: user, role: workspace.role };
  const event = await findUndoable(reader, firstValue(query.event), notice.undoes);
  return (
    event && (
      <UndoForm action={action} fields={{ ...kept, event: event.seq }}>
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

/** Handles an action that undoes an event. A new invitation is named, so that its page shows its link. */
export async function undo({ by, input }: Call): Promise<{ notice: UndoNotice; invitation: string | null }> {
  const undone = await undoEvent(by, input.event);
  return { notice: undone ? RESTORED[undone.type] : 'undo_over', invitation: undone?.invitation ?? null };
}
