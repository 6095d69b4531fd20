'use client';

import { type ReactNode, useActionState } from 'react';
import { Alert } from '../ui/alert';
import { NewKey, type NewKeyView } from './new-key';

export type RotateKeyState = { created: NewKeyView | null; problem: string | null };

type RotateKeyFormProps = {
  action: (state: RotateKeyState, form: FormData) => Promise<RotateKeyState>;
  /** The fields and the button. */
  children: ReactNode;
  mintUrl: string;
  doneHref: string;
};

export function RotateKeyForm({ action, children, mintUrl, doneHref }: RotateKeyFormProps) {
  const [{ created, problem }, submit] = useActionState(action, { created: null, problem: null });
  if (created) return <NewKey created={created} mintUrl={mintUrl} doneHref={doneHref} />;
  return (
    <form action={submit} className="grid grid-cols-1 gap-4">
      {problem ? <Alert live tone="danger" title={problem} /> : null}
      {children}
    </form>
  );
}
