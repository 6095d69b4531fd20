import type { ComponentProps } from 'react';
import { cn } from './cn';

export function Label({
  className,
  children,
  htmlFor,
  ...props
}: ComponentProps<'label'> & { htmlFor: string }) {
  return (
    <label htmlFor={htmlFor} className={cn('font-medium text-[13px] text-foreground', className)} {...props}>
      {children}
    </label>
  );
}
