'use client';

import { type ReactNode, useActionState } from 'react';
import { Card, CardContent, CardHeader } from '../ui/card';
import { FormProblem } from '../ui/field';
import { Form } from '../ui/form';
import { NewKey, type NewKeyView } from './new-key';

export type RotateKeyState = { created: NewKeyView | null; problem: string | null };

type RotateKeyFormProps = {
  action: (state: RotateKeyState, form: FormData) => Promise<RotateKeyState>;
  /** The form's fields and its button. */
  fields: ReactNode;
  /**
   * The old key's details. Hidden, along with `otherActions`, once the new key is shown, so nobody revokes the wrong
   * key.
   */
  oldKey: ReactNode;
  otherActions: ReactNode;
  notice: ReactNode;
  mintUrl: string;
  doneHref: string;
};

export function RotateKeyForm(props: RotateKeyFormProps) {
  const { action, fields, oldKey, otherActions, notice, mintUrl, doneHref } = props;
  const [{ created, problem }, submit] = useActionState(action, { created: null, problem: null });
  if (created) return <NewKey created={created} notice={notice} mintUrl={mintUrl} doneHref={doneHref} />;
  return (
    <>
      {oldKey}
      <Card>
        <CardHeader title="Rotate">
          Makes a new key with the same name, repositories, networks and lifetime. The old one keeps working
          for a while, so that you can replace it where it is used.
        </CardHeader>
        <CardContent>
          <Form action={submit} className="grid grid-cols-1 gap-4">
            <FormProblem>{problem}</FormProblem>
            {fields}
          </Form>
        </CardContent>
      </Card>
      {otherActions}
    </>
  );
}
