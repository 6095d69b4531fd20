'use client';

import { type ReactNode, useActionState } from 'react';
import { Card, CardContent, CardDescription, CardHeader, CardTitle } from '../ui/card';
import { NewKey, type NewKeyView } from './new-key';

export type RotateKeyState = { created: NewKeyView | null; problem: string | null };

type RotateKeyFormProps = {
  action: (state: RotateKeyState, form: FormData) => Promise<RotateKeyState>;
  /** The fields and the button. */
  fields: ReactNode;
  /** The old key, and what else can be done with it: gone once there is a new one, so that nobody revokes the wrong one. */
  oldKey: ReactNode;
  otherActions: ReactNode;
  notice: ReactNode;
  mintUrl: string;
  doneHref: string;
};

export function RotateKeyForm({
  action,
  fields,
  oldKey,
  otherActions,
  notice,
  mintUrl,
  doneHref,
}: RotateKeyFormProps) {
  const [{ created, problem }, submit] = useActionState(action, { created: null, problem: null });
  if (created) return <NewKey created={created} notice={notice} mintUrl={mintUrl} doneHref={doneHref} />;
  return (
    <>
      {oldKey}
      <Card>
        <CardHeader>
          <CardTitle>Rotate</CardTitle>
          <CardDescription>
            Makes a new key with the same name, repositories and lifetime. The old one keeps working for a
            while, so that you can replace it where it is used.
          </CardDescription>
        </CardHeader>
        <CardContent>
          <form action={submit} className="grid grid-cols-1 gap-4">
            {problem ? (
              <p role="alert" className="text-[13px] text-danger">
                {problem}
              </p>
            ) : null}
            {fields}
          </form>
        </CardContent>
      </Card>
      {otherActions}
    </>
  );
}
