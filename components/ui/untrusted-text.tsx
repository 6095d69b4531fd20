import { cn } from './cn';

type UntrustedTextProps = {
  children: string;
  /** Whether to cut the text to one line and show all of it on hover. */
  truncate?: boolean;
  className?: string;
};

/**
 * Shows text chosen by someone else, such as a name from GitHub or an API key's name. Long text wraps or is cut. Its
 * writing direction can't reorder the text around it.
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
