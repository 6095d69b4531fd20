export declare const EVERYWHERE: Readonly<Record<string, string>>;
export declare const API: Readonly<Record<string, string>>;
