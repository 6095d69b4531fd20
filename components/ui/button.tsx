import type { ComponentProps } from 'react';
import { cn } from './cn';

const BASE =
  'inline-flex shrink-0 items-center justify-center gap-2 whitespace-nowrap rounded-md font-medium transition-colors disabled:cursor-not-allowed disabled:opacity-50 aria-disabled:opacity-50 [&_svg]:size-4 [&_svg]:shrink-0';

const VARIANTS = {
  primary: 'bg-primary text-on-primary hover:bg-primary-hover',
  secondary: 'border border-border-strong bg-card text-foreground hover:bg-hover',
  ghost: 'text-muted hover:bg-hover hover:text-foreground',
  danger: 'bg-danger-solid text-white hover:bg-danger-solid-hover',
  quietDanger: 'text-danger hover:bg-hover',
  link: 'text-accent underline-offset-4 hover:underline',
} as const;

const SIZES = {
  sm: 'h-8 px-3 text-[13px]',
  md: 'h-9 px-4 text-sm',
  lg: 'h-11 px-5 text-[15px]',
  icon: 'size-8',
  inline: 'text-[13px]',
} as const;

export type ButtonLook = {
  variant?: keyof typeof VARIANTS | undefined;
  size?: keyof typeof SIZES | undefined;
};

/** The look of a button, for what is no button: a link. A table and no library: it is in every page's script. */
export function buttonClasses({
  variant = 'secondary',
  size = 'md',
  className,
}: ButtonLook & { className?: string | undefined } = {}): string {
  return cn(BASE, VARIANTS[variant], SIZES[size], className);
}

export type ButtonProps = ComponentProps<'button'> & ButtonLook;

export function Button({ className, variant, size, type = 'button', ...props }: ButtonProps) {
  return <button type={type} className={buttonClasses({ variant, size, className })} {...props} />;
}
