'use client';

import { type MouseEvent, type ReactNode, useId } from 'react';
import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { Input, Label } from '../ui/field';
import { Form } from '../ui/form';
import { type FormAction, SubmitButton } from '../ui/submit-button';
import { useOpening } from '../ui/use-opening';

type DeleteDialogProps = {
  slug: string;
  /** Says what ends. The server renders it. */
  consequences: ReactNode;
  action: FormAction;
  path: string;
  isAsked: boolean;
};

/**
 * Explains what the deletion does, and asks the user to type the workspace's address. The server checks it too. The
 * buttons that open and close the dialog submit forms to the page's URL, so they work without JavaScript.
 */
export function DeleteDialog({ slug, consequences, action, path, isAsked }: DeleteDialogProps) {
  const { opening, open, close } = useOpening(isAsked);
  const id = useId();
  const instead = (act: () => void) => (event: MouseEvent) => {
    event.preventDefault();
    act();
  };
  return (
    <>
      <form action={path}>
        <input type="hidden" name="ask" value="delete" />
        <Button type="submit" size="sm" variant="quietDanger" onClick={instead(open)}>
          Delete workspace
        </Button>
      </form>
      <Dialog
        open={opening}
        onClose={close}
        title="Delete this workspace?"
        description="This can’t be undone:"
      >
        {consequences}
        <Form action={action} className="mt-6 grid gap-2">
          <Label htmlFor={id}>
            Type <bdi className="wrap-anywhere font-mono">{slug}</bdi> to confirm
          </Label>
          <Input
            id={id}
            name="confirmation"
            pattern={slug}
            title={`Type ${slug}`}
            autoComplete="off"
            autoCapitalize="off"
            spellCheck={false}
            required
          />
          <div className="mt-4 flex flex-wrap justify-end gap-2">
            <Button type="submit" form={`${id}-cancel`} onClick={instead(close)}>
              Cancel
            </Button>
            <SubmitButton variant="danger">Delete workspace</SubmitButton>
          </div>
        </Form>
        <form id={`${id}-cancel`} action={path} />
      </Dialog>
    </>
  );
}
