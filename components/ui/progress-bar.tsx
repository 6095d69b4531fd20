type ProgressBarProps = {
  /** What is under way, for who does not see the bar. */
  label: string;
  /** `null` while nobody knows. */
  value: number | null;
  max: number;
};

/** The browser's own: its length is an attribute, where a policy without inline styles allows no other. */
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
