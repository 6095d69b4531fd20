/** The file that the app serves as `/pulsestream-VERSION.tgz`. */
export const PACKAGE: string;

/** Packs the compiled client to {@link PACKAGE}, and removes the packages of other versions. */
export function packClient(): Promise<void>;
