import { cva, type VariantProps } from 'class-variance-authority';

const avatarVariants = cva(
  'grid shrink-0 select-none place-items-center border bg-hover font-medium text-foreground uppercase',
  {
    variants: {
      size: { sm: 'size-6 text-[10px]', md: 'size-8 text-xs', lg: 'size-9 text-[13px]' },
      shape: { circle: 'rounded-full', square: 'rounded-md' },
    },
    defaultVariants: { size: 'lg', shape: 'circle' },
  },
);

type AvatarProps = { name: string } & VariantProps<typeof avatarVariants>;

/**
 * Initials, no picture: a picture would let GitHub see who reads this page, and would be one more thing from
 * outside to trust. The name is beside it, so it says nothing to a screen reader.
 */
export function Avatar({ name, size, shape }: AvatarProps) {
  return (
    <span aria-hidden className={avatarVariants({ size, shape })}>
      {initials(name)}
    </span>
  );
}

/** The first letters of the first two words; of a name without letters or digits, a dot. */
export function initials(name: string): string {
  const words = name.split('@')[0]?.match(/[\p{L}\p{N}]+/gu) ?? [];
  const first = [...(words[0] ?? '·')];
  const second = words[1] === undefined ? (first[1] ?? '') : ([...words[1]][0] ?? '');
  return `${first[0] ?? '·'}${second}`;
}
