'use client';

import { type ReactNode, useState } from 'react';
import { Card, CardContent } from '../ui/card';
import { Confirmation } from '../ui/confirm-dialog';
import { FormProblem } from '../ui/field';
import { Form, useFormAction } from '../ui/form';
import { NewKey, type NewKeyView } from './new-key';

export type RotateKeyState = {
  created: NewKeyView | null;
  problem: string | null;
  /** Whether the user still has to confirm that the old key ends immediately. */
  asks: boolean;
};

type RotateKeyFormProps = {
  id: string;
  /** The path of the page. */
  path: string;
  action: (state: RotateKeyState, form: FormData) => Promise<RotateKeyState>;
  /** The head of the form's card, and what a dialog says about a rotation that ends the old key. The server renders both. */
  head: ReactNode;
  consequences: ReactNode;
  /** The form's fields and its button; `null` if the key can't be rotated, or no longer. */
  fields: ReactNode;
  /**
   * The old key's details. Hidden, along with `otherActions`, once the new key is shown, so nobody revokes the wrong
   * key.
   */
  oldKey: ReactNode;
  otherActions: ReactNode;
  notice: ReactNode;
  doneHref: string;
};

/**
 * Rotates a key. The page shows this also for a key that has ended. Without JavaScript, the new key would be lost
 * otherwise, because a rotation without an overlap ends the old one.
 */
export function RotateKeyForm(props: RotateKeyFormProps) {
  const { id, path, action, head, consequences, fields, oldKey, otherActions, notice, doneHref } = props;
  const [state, submit] = useFormAction(action, {
    created: null,
    problem: null,
    asks: false,
  });
  const { created, problem } = state;
  // Each submission returns a new state, so the dialog opens again after it was cancelled.
  const [cancelled, setCancelled] = useState<RotateKeyState>();
  if (created) return <NewKey created={created} notice={notice} doneHref={doneHref} />;
  return (
    <>
      {oldKey}
      {fields === null ? null : (
        <Card>
          {head}
          <CardContent>
            <Form action={submit} className="grid grid-cols-1 gap-4">
              <FormProblem>{problem}</FormProblem>
              {fields}
            </Form>
          </CardContent>
        </Card>
      )}
      {state.asks && problem === null && state !== cancelled ? (
        <Confirmation
          opening={1}
          onCancel={() => setCancelled(state)}
          title="Rotate, and end the old key now?"
          description="The old key’s next request is refused:"
          confirm="Rotate key"
          action={submit}
          fields={{ id, overlap: '0s', confirmed: 'yes' }}
          href={path}
        >
          {consequences}
        </Confirmation>
      ) : null}
      {otherActions}
    </>
  );
}
