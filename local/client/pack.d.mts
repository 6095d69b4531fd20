/** The file that the app serves as `/pulsestream-VERSION.tgz`. */
export const PACKAGE: string;

/** Packs the compiled client to {@link PACKAGE}. */
export function packClient(): Promise<void>;
