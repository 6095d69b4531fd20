type ProgressBarProps = {
  /** The name of the work, for readers who do not see the bar. */
  label: string;
  /** `null` if it is unknown. */
  value: number | null;
  max: number;
};

/** The browser's own progress bar. Its length is an attribute, because the policy allows no inline styles. */
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
