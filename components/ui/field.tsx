import type { ComponentProps, ReactNode } from 'react';
import { cn } from './cn';
import { Icon } from './icon';

type FieldProps = {
  id: string;
  label: ReactNode;
  hint?: ReactNode;
  error?: string | undefined;
  /** The control, with the attributes returned by {@link controlProps}. */
  children: ReactNode;
};

/** A control with its label above, and its error and hint below. */
export function Field({ id, label, hint, error, children }: FieldProps) {
  return (
    <div className="flex min-w-0 flex-col gap-1.5">
      <Label htmlFor={id}>{label}</Label>
      {children}
      {error ? (
        <p id={`${id}-error`} className="text-13 text-danger">
          {error}
        </p>
      ) : null}
      {hint ? (
        <p id={`${id}-hint`} className="wrap-anywhere text-13 text-muted">
          {hint}
        </p>
      ) : null}
    </div>
  );
}

type Explained = { hint?: boolean; error?: string | undefined };

/** Returns the attributes that make screen readers announce a control's error, then its hint. */
export function controlProps(id: string, { hint = false, error }: Explained = {}) {
  const parts = [...(error ? [`${id}-error`] : []), ...(hint ? [`${id}-hint`] : [])];
  return {
    id,
    'aria-invalid': error ? true : undefined,
    'aria-describedby': parts.join(' ') || undefined,
  } as const;
}

/** Says what is wrong with a form, or with a group of controls in it. */
export function FormProblem({ children }: { children: string | null | undefined }) {
  return children ? (
    <p role="alert" className="text-13 text-danger">
      {children}
    </p>
  ) : null;
}

export function Label({ htmlFor, children }: { htmlFor: string; children: ReactNode }) {
  return (
    <label htmlFor={htmlFor} className="font-medium text-13 text-foreground">
      {children}
    </label>
  );
}

const CONTROL =
  'h-9 w-full min-w-0 rounded-md border border-control bg-background px-3 text-sm max-sm:text-base text-foreground placeholder:text-muted disabled:cursor-not-allowed disabled:opacity-60 aria-invalid:border-danger';

export function Input({ className, ...props }: ComponentProps<'input'>) {
  return <input className={cn(CONTROL, className)} {...props} />;
}

/** Text of several lines, in the font of code. */
export function Textarea(props: Omit<ComponentProps<'textarea'>, 'className'>) {
  return (
    <textarea
      className={cn(CONTROL, 'field-sizing-content h-auto max-h-80 py-2 font-mono text-13')}
      autoComplete="off"
      autoCapitalize="off"
      spellCheck={false}
      {...props}
    />
  );
}

/** The native select, because it works well on phones, with a keyboard and without JavaScript. */
export function Select(props: Omit<ComponentProps<'select'>, 'className'>) {
  return (
    <span className="relative block">
      <select className={cn(CONTROL, 'appearance-none truncate pr-8')} {...props} />
      <Icon
        name="chevronDown"
        className="pointer-events-none absolute top-1/2 right-2.5 size-4 -translate-y-1/2 text-muted"
      />
    </span>
  );
}

/** A native checkbox, styled like the other controls. The caller wraps it in a label. */
export function Checkbox({ className, ...props }: Omit<ComponentProps<'input'>, 'type'>) {
  return (
    <span className={cn('relative inline-grid size-4 shrink-0', className)}>
      <input
        type="checkbox"
        className="peer size-4 appearance-none rounded-sm border border-control bg-background checked:border-primary checked:bg-primary disabled:opacity-50 forced-colors:appearance-auto"
        {...props}
      />
      <Icon
        name="check"
        className="stroke-3 pointer-events-none absolute inset-0.5 hidden size-3 text-on-primary peer-checked:block forced-colors:peer-checked:hidden"
      />
    </span>
  );
}

/**
 * A native radio button in a frame, which is highlighted while the button is selected. Drawn by us, because the dark
 * one of Chromium looks disabled while it isn't selected.
 */
export function Choice({ children, ...props }: Omit<ComponentProps<'input'>, 'type'>) {
  return (
    <label className="flex min-h-9 items-center gap-2.5 rounded-md border border-control bg-background px-3 py-1.5 text-sm has-checked:border-foreground has-checked:bg-surface">
      <input
        type="radio"
        className="size-4 shrink-0 appearance-none rounded-full border border-control bg-background checked:border-[5px] checked:border-primary forced-colors:appearance-auto"
        {...props}
      />
      <span>{children}</span>
    </label>
  );
}
