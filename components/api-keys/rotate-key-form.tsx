'use client';

import { type ReactNode, useActionState } from 'react';
import { NewKey, type NewKeyView } from './new-key';

export type RotateKeyState = { created: NewKeyView | null; problem: string | null };

type RotateKeyFormProps = {
  action: (state: RotateKeyState, form: FormData) => Promise<RotateKeyState>;
  /** The fields and the button. */
  children: ReactNode;
  notice: ReactNode;
  mintUrl: string;
  doneHref: string;
};

export function RotateKeyForm({ action, children, notice, mintUrl, doneHref }: RotateKeyFormProps) {
  const [{ created, problem }, submit] = useActionState(action, { created: null, problem: null });
  if (created) return <NewKey created={created} notice={notice} mintUrl={mintUrl} doneHref={doneHref} />;
  return (
    <form action={submit} className="grid grid-cols-1 gap-4">
      {problem ? (
        <p role="alert" className="text-[13px] text-danger">
          {problem}
        </p>
      ) : null}
      {children}
    </form>
  );
}
