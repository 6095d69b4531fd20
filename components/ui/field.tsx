import type { ReactNode } from 'react';
import { cn } from './cn';
import { Label } from './label';

type FieldProps = {
  id: string;
  label: ReactNode;
  hint?: ReactNode;
  error?: string | undefined;
  className?: string;
  /** The control. Give it `id` and, for the hint or error to be read out, `aria-describedby={describedBy(id, …)}`. */
  children: ReactNode;
};

/** Ids of what explains a control, in the order in which they are read out. */
export function describedBy(id: string, parts: { hint?: boolean; error?: boolean }): string | undefined {
  return (
    [parts.error ? `${id}-error` : '', parts.hint ? `${id}-hint` : ''].filter(Boolean).join(' ') || undefined
  );
}

export function Field({ id, label, hint, error, className, children }: FieldProps) {
  return (
    <div className={cn('flex min-w-0 flex-col gap-1.5', className)}>
      <Label htmlFor={id}>{label}</Label>
      {children}
      {error ? (
        <p id={`${id}-error`} className="text-[13px] text-danger">
          {error}
        </p>
      ) : null}
      {hint ? (
        <p id={`${id}-hint`} className="text-[13px] text-muted">
          {hint}
        </p>
      ) : null}
    </div>
  );
}
