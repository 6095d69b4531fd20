import type { ComponentProps } from 'react';
import { cn } from './cn';
import { Icon } from './icon';

/** A native checkbox with the system's look; the label goes around it. */
export function Checkbox({ className, ...props }: Omit<ComponentProps<'input'>, 'type'>) {
  return (
    <span className={cn('relative inline-grid size-4 shrink-0', className)}>
      <input
        type="checkbox"
        className="peer size-4 appearance-none rounded-sm border border-control bg-background checked:border-primary checked:bg-primary disabled:opacity-50"
        {...props}
      />
      <Icon
        name="check"
        className="stroke-3 pointer-events-none absolute inset-0.5 hidden size-3 text-on-primary peer-checked:block"
      />
    </span>
  );
}
