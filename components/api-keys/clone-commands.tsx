import { CodeBlock } from '../ui/code-block';
import { UntrustedText } from '../ui/untrusted-text';
import type { CloneCommands as Commands } from './first-clone';

/** Shows commands that clone a repository with a key: one for Node, and one for a machine without it. */
export function CloneCommands({ commands: { repository, withNode, withoutNode } }: { commands: Commands }) {
  return (
    <section aria-label="Clone a repository" className="grid grid-cols-1 gap-2">
      <h2 className="font-medium text-13">
        Clone <UntrustedText>{repository}</UntrustedText>
      </h2>
      <CodeBlock code={withNode} label="the command" />
      <p className="text-13 text-muted leading-relaxed">
        For bash or zsh, with Node 20 and git. It asks for the key, so your shell’s history does not hold it,
        and revokes its token at the end.
      </p>
      <details className="text-13">
        <summary className="w-fit rounded-md py-1 text-accent underline underline-offset-4">
          Without Node
        </summary>
        <div className="mt-2 grid grid-cols-1 gap-2">
          <CodeBlock code={withoutNode} label="the command without Node" />
          <p className="text-muted leading-relaxed">It does the same with curl and git.</p>
        </div>
      </details>
    </section>
  );
}
