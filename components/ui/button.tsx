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
  inline: 'text-13',
} as const;

export type ButtonLook = {
  variant?: keyof typeof VARIANTS | undefined;
  size?: keyof typeof SIZES | undefined;
};

/**
 * Returns the classes for a button, or for a link that looks like one. The styles themselves are in globals.css. As
 * utility classes, they'd be repeated in several scripts of every page.
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
