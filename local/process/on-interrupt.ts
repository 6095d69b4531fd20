/** Runs `work` once on Ctrl-C or SIGTERM and then ends the process. A second Ctrl-C ends it immediately. */
export function onInterrupt(work: () => Promise<void>): void {
  let ending = false;
  const end = (signal: NodeJS.Signals): void => {
    const code = signal === 'SIGINT' ? 130 : 143;
    if (ending) process.exit(code);
    ending = true;
    work().then(
      () => process.exit(code),
      (error: unknown) => {
        console.error(error);
        process.exit(1);
      },
    );
  };
  process.on('SIGINT', end).on('SIGTERM', end);
}
