import type { ReactNode } from 'react';
import { buttonClasses } from '../ui/button';
import { CodeBlock } from '../ui/code-block';
import { FocusOnArrival } from '../ui/focus-on-arrival';
import { CloneCommands } from './clone-commands';
import type { CloneCommands as Commands } from './first-clone';

/** The result of creating or rotating a key. The page shows it only once. */
export type NewKeyView = {
  name: string;
  key: string;
  note: string;
  /** Commands that try the key; `null` if it may read no repository now. */
  commands: Commands | null;
};

type NewKeyProps = {
  created: NewKeyView;
  /** A `NewKeyNotice`. The server renders it, because its script would be larger than this whole component's. */
  notice: ReactNode;
  doneHref: string;
};

/** Shows a new key. The key exists only in the action's response, so it's gone after a reload. */
export function NewKey({ created: { name, key, note, commands }, notice, doneHref }: NewKeyProps) {
  return (
    <FocusOnArrival>
      <div className="grid grid-cols-1 gap-6">
        {notice}
        <p className="wrap-anywhere text-sm" role="status">
          The new key is called <bdi className="font-medium">{name}</bdi>. {note}
        </p>
        <section aria-label="API key">
          <h2 className="mb-2 font-medium text-13">API key</h2>
          <CodeBlock code={key} label="the API key" />
          <p className="mt-2 text-13 text-muted leading-relaxed">
            A service should read it from its secret store.
          </p>
        </section>
        {commands ? <CloneCommands commands={commands} /> : null}
        <div>
          {/* A plain link loads a new document, which also removes the key from this tab's memory. */}
          <a href={doneHref} className={buttonClasses({ variant: 'primary' })}>
            I have copied it
          </a>
        </div>
      </div>
    </FocusOnArrival>
  );
}
