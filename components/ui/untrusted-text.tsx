import { cn } from './cn';

type UntrustedTextProps = {
  children: string;
  /** Whether to cut it to one line, with the whole text on hover. */
  truncate?: boolean;
  className?: string;
};

/**
 * Shows a name that somebody else chose, such as GitHub or the owner of an API key. It is plain text of any length,
 * and its writing direction cannot reorder the text around it.
 */
export function UntrustedText({ children, truncate = false, className }: UntrustedTextProps) {
  return (
    <bdi
      title={truncate ? children : undefined}
      className={cn(truncate ? 'block truncate' : 'wrap-anywhere', className)}
    >
      {children}
    </bdi>
  );
}
