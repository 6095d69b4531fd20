import type { ComponentProps } from 'react';

/** A native radio in a frame that shows what is chosen. */
export function Choice({ children, ...props }: Omit<ComponentProps<'input'>, 'type'>) {
  return (
    <label className="flex min-h-9 items-center gap-2.5 rounded-md border border-control bg-background px-3 py-1.5 text-sm has-checked:border-foreground has-checked:bg-surface">
      <input type="radio" className="size-4 accent-primary" {...props} />
      <span>{children}</span>
    </label>
  );
}
