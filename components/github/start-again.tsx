import { ConnectForm } from './connect-form';

const LABELS = { install: 'Install the App', link: 'Link the installation' } as const;

type StartAgainProps = { workspace: string; intents: readonly (keyof typeof LABELS)[] };

/** The next step after an attempt that led nowhere, where it is for an admin to take. */
export function StartAgain({ workspace, intents }: StartAgainProps) {
  return intents.map((intent) => (
    <ConnectForm key={intent} workspace={workspace} intent={intent} size="sm">
      {LABELS[intent]}
    </ConnectForm>
  ));
}
