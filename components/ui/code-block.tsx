import { CopyButton } from './copy-button';

type CodeBlockProps = {
  code: string;
  /** Names the content on the copy button: `Copy {label}`. */
  label: string;
};

/** Text to copy into a terminal or a file. Long lines wrap, so nothing scrolls sideways. */
export function CodeBlock({ code, label }: CodeBlockProps) {
  return (
    <div className="flex min-w-0 items-start gap-2 rounded-md border bg-surface py-2 pr-2 pl-3">
      <code className="wrap-anywhere min-w-0 flex-1 whitespace-pre-wrap py-1 font-mono text-13 leading-relaxed">
        {code}
      </code>
      <CopyButton value={code} label={label} />
    </div>
  );
}
