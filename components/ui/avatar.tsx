import { cn } from './cn';

/**
 * Initials, no picture: a picture would let GitHub see who reads this page, and would be one more thing from
 * outside to trust. The name is beside it, so it says nothing to a screen reader.
 */
export function Avatar({ name, className }: { name: string; className?: string }) {
  return (
    <span
      aria-hidden
      className={cn(
        'grid size-9 shrink-0 select-none place-items-center rounded-full border bg-hover font-medium text-[13px] text-foreground uppercase',
        className,
      )}
    >
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
