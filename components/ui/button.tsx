import type { ComponentProps } from 'react';
import { cn } from './cn';

const VARIANTS = {
  primary: 'button-primary',
  secondary: 'button-secondary',
  ghost: 'button-ghost',
  danger: 'button-danger',
  quietDanger: 'button-quiet-danger',
  link: 'button-link',
} as const;

const SIZES = {
  sm: 'button-sm',
  md: 'button-md',
  lg: 'button-lg',
  icon: 'button-icon',
  inline: 'text-[13px]',
} as const;

export type ButtonLook = {
  variant?: keyof typeof VARIANTS | undefined;
  size?: keyof typeof SIZES | undefined;
};

/**
 * Returns the classes of a button, also for links. Their rules are in globals.css, because this table is part of
 * every page's script several times.
 */
export function buttonClasses({
  variant = 'secondary',
  size = 'md',
  className,
}: ButtonLook & { className?: string | undefined } = {}): string {
  return cn('button', VARIANTS[variant], SIZES[size], className);
}

export type ButtonProps = ComponentProps<'button'> & ButtonLook;

export function Button({ className, variant, size, type = 'button', ...props }: ButtonProps) {
  return <button type={type} className={buttonClasses({ variant, size, className })} {...props} />;
}
