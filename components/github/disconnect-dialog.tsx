'use client';

import { useId, useState } from 'react';
import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { Input, Label } from '../ui/field';
import { Form } from '../ui/form';
import { type FormAction, SubmitButton } from '../ui/submit-button';
import { useOpening } from '../ui/use-opening';

type DisconnectDialogProps = { installationId: number; account: string; action: FormAction };

/**
 * Explains what disconnecting does, and asks the user to type the account's name. The server checks the typed name too.
 */
export function DisconnectDialog({ installationId, account, action }: DisconnectDialogProps) {
  const { opening, open, close } = useOpening();
  const [typed, setTyped] = useState('');
  const id = useId();
  const ask = () => {
    setTyped('');
    open();
  };
  return (
    <>
      <Button size="sm" variant="quietDanger" className="needs-script" onClick={ask}>
        Disconnect
      </Button>
      <Dialog
        open={opening}
        onClose={close}
        title={
          <>
            Disconnect <bdi>{account}</bdi>?
          </>
        }
        description="This can’t be undone:"
      >
        <ul className="mt-4 grid list-disc gap-2 pl-5 text-sm leading-relaxed marker:text-muted">
          <li>The app is uninstalled from the account on GitHub.</li>
          <li>No new tokens can be issued for its repositories.</li>
          <li>
            Tokens already issued keep working until they expire: <strong>at most one hour</strong>.
          </li>
          <li>The audit log is kept. To connect again, reinstall the app.</li>
        </ul>
        <Form action={action} className="mt-6 grid gap-2">
          <input type="hidden" name="installation_id" value={installationId} />
          <Label htmlFor={id}>
            Type <bdi className="wrap-anywhere font-mono">{account}</bdi> to confirm
          </Label>
          <Input
            id={id}
            name="confirmation"
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
            autoComplete="off"
            autoCapitalize="off"
            spellCheck={false}
            required
          />
          <div className="mt-4 flex flex-wrap justify-end gap-2">
            <Button onClick={close}>Cancel</Button>
            <SubmitButton variant="danger" disabled={typed !== account}>
              Disconnect
            </SubmitButton>
          </div>
        </Form>
      </Dialog>
    </>
  );
}
