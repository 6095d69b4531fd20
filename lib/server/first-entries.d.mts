export declare const FIRST_ENTRIES: readonly string[];
