import type { ComponentProps } from 'react';
import { cn } from './cn';

export const controlClasses =
  'h-9 w-full min-w-0 rounded-md border border-control bg-background px-3 text-sm max-sm:text-base text-foreground placeholder:text-muted disabled:cursor-not-allowed disabled:opacity-60 aria-invalid:border-danger';

export function Input({ className, ...props }: ComponentProps<'input'>) {
  return <input className={cn(controlClasses, className)} {...props} />;
}
