import { cn } from './cn';

type UntrustedTextProps = {
  children: string;
  /** Cuts to one line; the whole is on hover. */
  truncate?: boolean;
  className?: string;
};

/**
 * A name that somebody else chose (GitHub, an API key's owner): text only, any length, and its writing direction
 * cannot reorder what stands around it.
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
