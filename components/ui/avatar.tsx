import { cva, type VariantProps } from 'class-variance-authority';

const avatarVariants = cva(
  'grid shrink-0 select-none place-items-center border bg-hover font-medium text-foreground uppercase',
  {
    variants: {
      size: { sm: 'size-6 text-10', md: 'size-8 text-xs', lg: 'size-9 text-13' },
      shape: { circle: 'rounded-full', square: 'rounded-md' },
    },
    defaultVariants: { size: 'lg', shape: 'circle' },
  },
);

type AvatarProps = { name: string } & VariantProps<typeof avatarVariants>;

/**
 * Shows initials rather than a picture. Loading a picture from GitHub would reveal who is viewing this page, and would
 * add an external source to trust. Screen readers skip the initials, because the name is beside them.
 */
export function Avatar({ name, size, shape }: AvatarProps) {
  return (
    <span aria-hidden className={avatarVariants({ size, shape })}>
      {initials(name)}
    </span>
  );
}

/** Returns the initials of the first two words, or a dot if the name contains no letters or digits. */
export function initials(name: string): string {
  const words = name.split('@')[0]?.match(/[\p{L}\p{N}]+/gu) ?? [];
  const first = [...(words[0] ?? '·')];
  const second = words[1] === undefined ? (first[1] ?? '') : ([...words[1]][0] ?? '');
  return `${first[0] ?? '·'}${second}`;
}
