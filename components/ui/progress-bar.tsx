type ProgressBarProps = {
  /** Names the work for screen readers. */
  label: string;
  /** `null` if it is unknown. */
  value: number | null;
  max: number;
};

/**
 * The browser's own progress bar. Its length is set by an attribute, because our content security policy forbids inline
 * styles.
 */
export function ProgressBar({ label, value, max }: ProgressBarProps) {
  return (
    <progress
      aria-label={label}
      value={value ?? undefined}
      max={max}
      className="block h-1.5 w-full appearance-none overflow-hidden rounded-full border-0 bg-hover indeterminate:animate-pulse indeterminate:bg-accent [&::-moz-progress-bar]:bg-accent [&::-webkit-progress-bar]:bg-transparent [&::-webkit-progress-value]:bg-accent"
    />
  );
}
