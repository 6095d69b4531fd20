import { CircleAlert, CircleCheck, Info, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Tone } from './badge';
import { cn } from './cn';

const LOOK = {
  neutral: { icon: Info, classes: 'border-border bg-surface', iconClasses: 'text-muted' },
  info: { icon: Info, classes: 'border-accent-border bg-accent-surface', iconClasses: 'text-accent' },
  success: {
    icon: CircleCheck,
    classes: 'border-success-border bg-success-surface',
    iconClasses: 'text-success',
  },
  warning: {
    icon: TriangleAlert,
    classes: 'border-warning-border bg-warning-surface',
    iconClasses: 'text-warning',
  },
  danger: {
    icon: CircleAlert,
    classes: 'border-danger-border bg-danger-surface',
    iconClasses: 'text-danger',
  },
} as const satisfies Record<Tone, { icon: typeof Info; classes: string; iconClasses: string }>;

type AlertProps = {
  tone?: Tone;
  title: ReactNode;
  children?: ReactNode;
  /** Buttons or links for the next step. */
  actions?: ReactNode;
  /** Whether the alert reports the result of the user's last action. If so, screen readers announce it. */
  live?: boolean;
  className?: string;
};

export function Alert({ tone = 'neutral', title, children, actions, live = false, className }: AlertProps) {
  const { icon: Icon, classes, iconClasses } = LOOK[tone];
  const role = live ? (tone === 'danger' ? 'alert' : 'status') : undefined;
  return (
    <div role={role} className={cn('flex gap-3 rounded-xl border p-4 text-sm', classes, className)}>
      <Icon aria-hidden className={cn('mt-0.5 size-4 shrink-0', iconClasses)} />
      <div className="min-w-0 flex-1">
        <p className="wrap-anywhere font-medium">{title}</p>
        {children ? (
          <div className="wrap-anywhere mt-1 text-foreground/85 leading-relaxed">{children}</div>
        ) : null}
        {actions ? <div className="mt-3 flex flex-wrap items-center gap-2">{actions}</div> : null}
      </div>
    </div>
  );
}
