import type { ReactNode } from 'react';
import { buttonClasses } from '../ui/button';
import { CodeBlock } from '../ui/code-block';
import { FocusOnArrival } from '../ui/focus-on-arrival';
import { firstClone } from './first-clone';

/** The result of creating or rotating a key. The page shows it only once. */
export type NewKeyView = { name: string; key: string; note: string };

type NewKeyProps = {
  created: NewKeyView;
  /** A `NewKeyNotice`. The server renders it, because its script would be larger than this whole component's. */
  notice: ReactNode;
  mintUrl: string;
  doneHref: string;
};

/** Shows a new key. The key exists only in the action's response, so it's gone after a reload. */
export function NewKey({ created: { name, key, note }, notice, mintUrl, doneHref }: NewKeyProps) {
  return (
    <FocusOnArrival>
      <div className="grid grid-cols-1 gap-6">
        {notice}
        <p className="wrap-anywhere text-sm" role="status">
          The new key is called <bdi className="font-medium">{name}</bdi>. {note}
        </p>
        <Secret title="API key" value={key} label="the API key" />
        <Secret title="Try it: clone a repository" value={firstClone(mintUrl)} label="the command" />
        <p className="text-[13px] text-muted leading-relaxed">
          For bash or zsh, with curl and git. It asks for the key, so your shell’s history does not hold it,
          and revokes its token at the end. A service should read the key from its secret store.
        </p>
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

function Secret({ title, value, label }: { title: string; value: string; label: string }) {
  return (
    <section aria-label={title}>
      <h2 className="mb-2 font-medium text-[13px]">{title}</h2>
      <CodeBlock code={value} label={label} />
    </section>
  );
}
