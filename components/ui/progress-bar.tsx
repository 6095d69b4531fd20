type ProgressBarProps = {
  /** Tells screen readers what is in progress. */
  label: string;
  /** The progress so far; `null` if it is unknown. */
  value: number | null;
  max: number;
};

/** The native progress bar. An attribute sets its length, because our content security policy forbids inline styles. */
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
